//! Recorded exchanges, byte by byte: what other implementations sent must come out of these
//! primitives exactly.
//!
//! The TL objects are written out by hand here, since this crate knows none.

#![allow(clippy::unwrap_used)] // All of this file is a test, helpers included.

use heliogram_crypto::{
    AesCtr, AuthKey, Random, Side, aes_ige, constant_time_eq, dh, kdf, pq, sha1, sha256, srp,
};

/// A source whose bytes are known beforehand.
struct Fixed(Vec<u8>);

impl Random for Fixed {
    fn fill(&mut self, out: &mut [u8]) {
        out.copy_from_slice(&self.0);
    }
}

/// The public sample of a key creation.
// Spec: core.telegram.org/mtproto/samples-auth_key, the run of January 2024.
mod handshake {
    use super::*;

    const NONCE: &str = "15a084b3b9ca2a17f03925f44b78fe68";
    const SERVER_NONCE: &str = "d6701fcd212ceb87c966e5318f5564a8";
    const NEW_NONCE: &str = "845fad32d10a4c7967da49a89fbe508ad24aa3150992b499b3b2c72cdc0f364c";
    const G_A: &str = concat!(
        "9828b2e4caec188bb94216f5e2db632a17630a21fd00c67465e741d26137c8e2",
        "b757f349d8dd1b62b601642acb9e3b390abf153d3a11615a128ed1d79379d763",
        "c14d2df5cef99c96945c51290c1fd82c4b482078863b2bc7022c7886c21c0f1d",
        "24814c768321c05934303e50ae22cbc83f2a3994bbc3c72e77bf10cdb695cbd8",
        "6655d1bc0a083551e59d0fbfcfa13825a182105a78da35af5a15c064275b6e67",
        "29049c84209b898675c9110adcd1cbb2aab333c05d3e9f70d05fee7c54efce92",
        "7e1b40a719d04d15c7e950eb885e60aaae990231719dbddd84c65b2f3a606fe1",
        "f78dea7c8fad25c1cd7876eb6f5a46270b82d549e31edd3c2dc2f82970a4999c",
    );
    const B: &str = concat!(
        "a521c97b9d210812c56055c62fe8c3ce7fc97a75e51d4428f78f7d5f7325fce0",
        "3ff70d99039502fb75059dc40e36cf4f4d7a073937cc6dbc86ab864e7b3f26ef",
        "e833f766856033931bc41f031507dd571fcfebb28f1b3df1577a90c25b95c568",
        "94aab64c681961ac68afa9aadf03752d0e26eadd645a02d7895b64846eb83b3d",
        "dd458d856870cd8c0765b985c1ed50d5d802dde67b159c899898a9b738d17802",
        "f3d50b83a868738d8502bbe33b8d7fbc3348e3e444352816fd84d300a2a8e211",
        "7cac0eaec654235183187d85548791bf25abfd1ac97eab7fa685f67a57e7bbe4",
        "7b96a99b8f34b8eb523c18aee074eabacb6fa9a28a41f4f961f41d86b19f4ec1",
    );

    #[test]
    fn proof_of_work() {
        let pq = u64::from_str_radix("1460e7d3fa727791", 16).unwrap();
        assert_eq!(pq::factor(pq), Some((0x3c23_57cf, 0x56bf_b29f)));
    }

    #[test]
    fn temporary_key() {
        let (key, iv) = kdf::handshake(&array(NEW_NONCE), &array(SERVER_NONCE));
        assert_eq!(
            hex::encode(key),
            "d32e4a7f18252ae2b0406b84633e1117833ed75bda40011d1e1700e3e08a8ae7",
        );
        assert_eq!(
            hex::encode(iv),
            "4ffc40d969d49934ed3740ff66d9179947a5e1d85c4c7f15555920c1845fad32",
        );
    }

    #[test]
    fn server_numbers() {
        let (nonce, server_nonce, g_a) = (bytes(NONCE), bytes(SERVER_NONCE), bytes(G_A));
        let long = [0xfe, 0, 1, 0];
        let answer = [
            &bytes("ba0d89b5"),
            &nonce,
            &server_nonce,
            &bytes("03000000"),
            &long[..],
            dh::PRIME,
            &long,
            &g_a,
            &bytes("fdc0ab65"),
        ]
        .concat();
        let hash = sha1(&[&answer]);
        assert_eq!(hex::encode(hash), "adddf2feb5e14f93ee8d3a5181f9d89a39e4439c");

        let plain = [&hash, &answer[..], &bytes("7607b7374780e1c0")].concat();
        let sealed = seal(&plain);
        assert_eq!(sealed.len(), 592);
        assert_eq!(hex::encode(&sealed[..16]), "fef627ac3a88027bc6583f95d82e6100");
        assert_eq!(
            hex::encode(sha256(&[&sealed])),
            "65bcf017b3ac1fb94433812dc74402e481d8cf2311ac06967a65157703ae2bdc",
        );

        let mut opened = sealed;
        let (key, iv) = kdf::handshake(&array(NEW_NONCE), &array(SERVER_NONCE));
        aes_ige::decrypt(&mut opened, &key, &iv);
        assert_eq!(opened, plain);
    }

    #[test]
    fn client_numbers() {
        let g_b = client_exponent().public();
        assert_eq!(hex::encode(&g_b[..16]), "a0bb357c5a5fbc4ec9d8b2171c030cb6");
        assert_eq!(hex::encode(&g_b[251..]), "e7d7bbfb49");

        let data = [
            &bytes("54b64366"),
            &bytes(NONCE),
            &bytes(SERVER_NONCE),
            &[0; 8][..],
            &[0xfe, 0, 1, 0],
            &g_b,
        ]
        .concat();
        let sealed =
            seal(&[&sha1(&[&data]), &data[..], &bytes("c320374a97c7bb863cff9f97")].concat());
        assert_eq!(sealed.len(), 336);
        assert_eq!(
            hex::encode(sha256(&[&sealed])),
            "adfd9fdd162efeefc52bd6f00e81cd262b1c42485cfd68ee65b1472a5a664077",
        );
    }

    #[test]
    fn auth_key_and_its_hashes() {
        let shared = client_exponent().shared(&bytes(G_A)).unwrap();
        assert_eq!(
            hex::encode(sha256(&[&shared])),
            "deb2631ccf3612ce6aec7e164aa1f06c69f4475891fc409e37de66bc489fd077",
        );
        let key = AuthKey::new(shared);
        assert_eq!(hex::encode(key.id().to_le_bytes()), "8ae7a271969a9b1f");
        assert_eq!(hex::encode(key.aux_hash().to_le_bytes()), "26d6ceeff1381295");
        check_nonce_hash(&key, 1, "677f483bb89fd206b244a2d1ac38cb31");
        check_nonce_hash(&key, 2, "5f76f126317168f0b0aa0f8a7cde8d52");
        check_nonce_hash(&key, 3, "f0d720c06e826b5920c6020c882acbe6");
    }

    fn check_nonce_hash(key: &AuthKey, number: u8, hash: &str) {
        assert_eq!(hex::encode(key.new_nonce_hash(&array(NEW_NONCE), number)), hash);
    }

    fn client_exponent() -> dh::Exponent {
        dh::Exponent::random(&mut Fixed(bytes(B)))
    }

    fn seal(plain: &[u8]) -> Vec<u8> {
        let (key, iv) = kdf::handshake(&array(NEW_NONCE), &array(SERVER_NONCE));
        let mut sealed = plain.to_vec();
        aes_ige::encrypt(&mut sealed, &key, &iv);
        sealed
    }
}

/// One `ping` in MTProto 2.0, as either side would send it.
#[test]
fn message_of_the_second_generation() {
    check_message(
        Side::Client,
        concat!(
            "32d1586ea457dfc8878dbe15908aaf25f872d052f41d14d2de991caf2bad0bf142256ceb5d2f3d83",
            "8744c213a180a71241abef416969f44e8240a24d50a79c76a7ab3282a23fd1602dd608c5c7eeb085",
            "c2a11e50d9e31036",
        ),
        Some(0xcc66_89d2),
    );
    check_message(
        Side::Server,
        concat!(
            "32d1586ea457dfc8b9ac569b9c0c85b291b38d87d2df430e012d24837b68f066aec7d2f6c98c8e53",
            "0d3cf9e603a395b51516421398b5041ffc8093e8687f2dbcb44761ea01e7e4d864a005b718624763",
            "c5057a49832a11eb",
        ),
        None,
    );
}

fn check_message(from: Side, wire: &str, quick_ack: Option<u32>) {
    let key = AuthKey::new(std::array::from_fn(|i| i as u8));
    let plain = [
        &0x0102_0304_0506_0708_u64.to_be_bytes()[..],
        &0x1112_1314_1516_1718_u64.to_be_bytes(),
        &0x5e0b_700a_0000_0000_u64.to_le_bytes(),
        &[0; 4],
        &12_u32.to_le_bytes(),
        &0x7abe_77ec_u32.to_le_bytes(),
        &0x2122_2324_2526_2728_u64.to_le_bytes(),
        &(0xa0..=0xb3).collect::<Vec<u8>>(),
    ]
    .concat();
    let large = kdf::msg_key_large(&key, &plain, from);
    let msg_key: [u8; 16] = large[8..24].try_into().unwrap();
    let (aes_key, aes_iv) = kdf::v2(&key, &msg_key, from);
    let mut sealed = plain.clone();
    aes_ige::encrypt(&mut sealed, &aes_key, &aes_iv);
    let found = [&key.id().to_le_bytes(), &msg_key[..], &sealed].concat();
    assert_eq!(hex::encode(found), wire, "from {from:?}");
    if let Some(token) = quick_ack {
        assert_eq!(u32::from_le_bytes(large[..4].try_into().unwrap()) | 1 << 31, token);
    }

    aes_ige::decrypt(&mut sealed, &aes_key, &aes_iv);
    assert_eq!(sealed, plain);
    assert!(constant_time_eq(&kdf::msg_key_large(&key, &sealed, from)[8..24], &msg_key));
    assert!(!constant_time_eq(&kdf::msg_key_large(&key, &sealed, from.peer())[8..24], &msg_key));
}

/// The message inside `auth.bindTempAuthKey`, the last one in MTProto 1.0.
#[test]
fn message_of_the_first_generation() {
    let key = AuthKey::new(std::array::from_fn(|i| 255 - i as u8));
    let inner = [
        &0x75a3_f765_u32.to_le_bytes()[..],
        &0x0001_0203_0405_0607_u64.to_le_bytes(),
        &0x0011_2233_4455_6677_u64.to_le_bytes(),
        &key.id().to_le_bytes(),
        &0x0010_2030_4050_6070_u64.to_le_bytes(),
        &1_735_689_600_u32.to_le_bytes(),
    ]
    .concat();
    let mut message = [
        &[0xcd; 16][..],
        &0x0011_2233_4455_6677_u64.to_le_bytes(),
        &[0; 4],
        &40_u32.to_le_bytes(),
        &inner,
    ]
    .concat();
    let msg_key = kdf::msg_key_v1(&message);
    message.extend([0xcd; 8]);
    let (aes_key, aes_iv) = kdf::v1(&key, &msg_key, Side::Client);
    aes_ige::encrypt(&mut message, &aes_key, &aes_iv);
    assert_eq!(
        hex::encode([&key.id().to_le_bytes(), &msg_key[..], &message].concat()),
        concat!(
            "96d1b10e8f724a137bb888c6aa9280ce9664b5279ec8e944bacb4c9772e1fbb439b1c5605cbedeb0",
            "1d86458335146b2857b5af0a3cedd9af96ec96f4cea213d51c73abe02e86de4d3e9e382788b92ed0",
            "d8d93563eb03ffd2c435ec4f393370d390921d44f5c82ebb",
        ),
    );
}

/// The end of the first 64 bytes of an obfuscated connection whose random bytes are all 0xff.
#[test]
fn obfuscation_of_the_first_packet() {
    check_obfuscation(None, None, "fce8ab2203db2bff");
    check_obfuscation(Some([0; 16]), Some(1), "ecec4cbda8bb188b");
    check_obfuscation(Some([0; 16]), Some(10_001), "ecec4cbdb89c188b");
    check_obfuscation(Some([0; 16]), Some(-1), "ecec4cbd5644188b");
}

fn check_obfuscation(secret: Option<[u8; 16]>, dc: Option<i16>, end: &str) {
    let mut packet = [0xff; 64];
    packet[56..60].fill(0xee);
    if let Some(dc) = dc {
        packet[60..62].copy_from_slice(&dc.to_le_bytes());
    }
    let mut key: [u8; 32] = packet[8..40].try_into().unwrap();
    if let Some(secret) = secret {
        key = sha256(&[&key, &secret]);
    }
    let iv: [u8; 16] = packet[40..56].try_into().unwrap();
    AesCtr::new(&key, &iv).apply(&mut packet);
    assert_eq!(hex::encode(&packet[56..]), end, "dc {dc:?}");
}

/// A proof of the cloud password, answering a challenge of the real servers.
// Seen: mtcute (18178b43) gives this answer if these are its random bytes; its test has lengthened the
// salt by the first 32 of them before.
#[test]
fn proof_of_the_password() {
    let params = srp::Params {
        salt1: bytes(concat!(
            "9b3accc457c0d5288e8cff31eb21094048bc11902f6614dbb9afb839ee7641c37619537d8ebe749e",
            "29afd26df40fb8ed10b6b4ad6d56ef5df9453f88e6ee6adb6e0544ba635dc6a8",
        )),
        salt2: bytes("6c619bb0786dc4ed1bf211d23f6e4065"),
        g: 3,
        p: *dh::PRIME,
    };
    let mut rng = Fixed(bytes(concat!(
        "29afd26df40fb8ed10b6b4ad6d56ef5df9453f88e6ee6adb6e0544ba635dc6a8",
        "a990c9b8b980c343936b33fa7f97bae025102532233abb269c489920ef99021b",
        "259ce3a2c964c5c8972b4a84ff96f3375a94b535a9468f2896e2080ac7a32ed5",
        "8e910474a4b02415e07671cbb5bdd58a5dd26fd137c4c98b8c346571fae6ead3",
        "9dfd612bd6b480b6723433f5218e9d6e271591153fb3ffefc089f7e848d3f463",
        "3459fff66b33cf939e5655813149fa34be8625f9bc4814d1ee6cf40e4d0de229",
        "1aa22e68c8ad8cc698103734f9aaf79f2bdc052a787a7a9b3629d1ed38750f88",
        "cb0481c0ba30a9c611672f9a4d1dc02637abb4e98913ee810a3b152d3d75f25d",
    )));
    let srp_b = bytes(concat!(
        "1476a7b5991d7f028bbee33b3455cad3f2cd0eb3737409fcce92fa7d4cd5c733",
        "ec6d2cb3454e587d4c17eda2fd7ef9a57327215f38292cc8bd5dc77d3e1d31cd",
        "dae2652f8347c4b0093f7c78242f70e6cc13137ee7acc257a49855a63113db8f",
        "163992b9101551f3b6f7eb5d196cee3647c359553b1bcbe82ba8933c0fb1ac35",
        "0243c535b8e634613e1f626ba8a6d141ef957c859e71a117b557c0298bfbb107",
        "c91f71f5b4275fded58289aa1e87c612f44b7aa0b5e0de7def4458f58db80019",
        "d2e7b181eb66dc270374af2d160dd0c53edd677b2701694d71ea8718c49df6a9",
        "dbe2cbae051ffc1986336cd26f11a8ab426dfe0813d7b3f4eedf4e34182ccc3a",
    ));
    let proof = srp::prove("qwe123", &params, &srp_b, &mut rng).unwrap();
    assert_eq!(
        hex::encode(proof.a),
        concat!(
            "363976f55edb57cc5cc0c4aaca9b7539eff98a43a93fa84be34860d18ac3a80f",
            "ffd57c4617896ff667677d0552a079eb189d25d147ec96edd4495c946a18652d",
            "31d78eede40a8b29da340c19b32ccac78f8482406e392102c03d850d1db87223",
            "2c144bfacadb58856971aafb70ca3aac4efa7f73977ddc50dfc0a2c76c0ac950",
            "728d58b8480fa89c701703855148fadd885aaf1ca313ae3a3b2942de58a9a6fb",
            "9e3e65c7ac7a1b7f4e6aa4742b957f81927bd8cc761b76f90229dec34d6f15d3",
            "4fa454aa69d9219d9c5fa3625f5c6f1ac03892a70aa17269c76cd9bf2949a961",
            "fad2a71e5fa961824b32db037130c7e9aad4c1e9f02ebc5b832622f98b59597e",
        ),
    );
    assert_eq!(
        hex::encode(proof.m1),
        "25a91b21c634ad670a144165a9829192d152e131a716f676abc48cd817f508c6",
    );
}

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex).unwrap()
}

fn array<const N: usize>(hex: &str) -> [u8; N] {
    bytes(hex).try_into().unwrap()
}
