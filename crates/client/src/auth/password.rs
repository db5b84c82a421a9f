//! The second factor: the password is proved, never sent.

use heliogram_crypto::srp;
use heliogram_tl as tl;

use crate::session::Login;
use crate::{Client, InvokeError};

/// Waits for the password of the second factor.
#[derive(Clone, Debug)]
pub struct PasswordStep {
    client: Client,
    hint: Option<tl::Str>,
}

impl PasswordStep {
    pub(super) async fn begin(client: &Client) -> Result<Self, InvokeError> {
        let tl::account::Password::Password(password) =
            client.invoke(&tl::account::GetPassword {}).await?;
        Ok(Self { client: client.clone(), hint: password.hint })
    }

    /// What the user wrote down to remember the password by.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Proves the password. After `PASSWORD_HASH_INVALID` the step may be tried again.
    ///
    /// # Errors
    /// `PASSWORD_HASH_INVALID` among others.
    pub async fn submit(&self, password: &str) -> Result<Login, InvokeError> {
        let request = tl::auth::CheckPassword { password: self.client.prove(password).await? };
        let authorization = self.client.invoke(&request).await?;
        self.client.on_authorization(&authorization).await
    }
}

impl Client {
    /// The proof that one knows `password`, against a challenge fetched for it.
    async fn prove(&self, password: &str) -> Result<tl::InputCheckPasswordSrp, InvokeError> {
        let tl::account::Password::Password(challenge) =
            self.invoke(&tl::account::GetPassword {}).await?;
        let challenge = *challenge;
        let (Some(algorithm), Some(srp_b), Some(srp_id)) =
            (challenge.current_algo, challenge.srp_b, challenge.srp_id)
        else {
            // The password was removed in the meantime.
            return Ok(tl::InputCheckPasswordSrp::InputCheckPasswordEmpty);
        };
        let params = params(algorithm)?;
        let (password, mut entropy) = (password.to_owned(), self.entropy());
        // A hundred thousand rounds of hashing: too long for a thread that others wait on.
        let prove = move || srp::prove(&password, &params, &srp_b, &mut entropy);
        let proof = self.errands().run(prove).await.map_err(|_| InvokeError::Closed)?;
        let proof =
            proof.map_err(|_| InvokeError::GivenUp("the password's challenge is unsafe"))?;
        let (a, m1) = (tl::Bytes::from(proof.a.to_vec()), tl::Bytes::from(proof.m1.to_vec()));
        Ok(tl::types::InputCheckPasswordSrp { srp_id, a, m1 }.into())
    }
}

fn params(algorithm: tl::PasswordKdfAlgo) -> Result<srp::Params, InvokeError> {
    use tl::PasswordKdfAlgo as Algorithm;
    let Algorithm::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(algorithm) =
        algorithm
    else {
        return Err(InvokeError::GivenUp("the password's algorithm is unknown"));
    };
    let p = algorithm.p.as_ref().try_into();
    Ok(srp::Params {
        salt1: algorithm.salt1.to_vec(),
        salt2: algorithm.salt2.to_vec(),
        g: algorithm.g,
        p: p.map_err(|_| InvokeError::GivenUp("the password's prime is not of 2048 bits"))?,
    })
}
