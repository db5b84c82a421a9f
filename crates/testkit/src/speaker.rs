//! A client that speaks one layer and understands no other.

use std::collections::{HashMap, VecDeque};

use heliogram_ids::MsgId;
use heliogram_mtproto::message::gzip;
use heliogram_tl as tl;
use heliogram_tl::{Bytes, Constructor as _, Decode as _, Encode as _, Raw, Reader};

use crate::strict::{Schema, Value, object};
use crate::{Refusal, Wire, World, soon};

/// A connection whose every message is read by the schema of one layer.
///
/// What the layer could not read is a panic with the path to the spot.
pub struct Speaker {
    wire: Wire,
    schema: Schema,
    service: Schema,
    declared: u32,
    opening: Opening,
    is_introduced: bool,
    asked: HashMap<MsgId, &'static str>,
    answers: HashMap<MsgId, Result<Value, Refusal>>,
    pushes: VecDeque<Value>,
}

/// How the wrappers of the first request are nested.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Opening {
    /// `invokeWithLayer(initConnection(query))`, as nearly everybody does.
    #[default]
    LayerOutside,
    /// `initConnection(invokeWithLayer(query))`.
    LayerInside,
}

impl Speaker {
    /// A client of that layer with a key of its own, not logged in. One of a layer that was not
    /// imported understands the nearest below, as which it is served.
    pub async fn open(world: &World, layer: u32, opening: Opening) -> Self {
        Self {
            wire: world.wire().await,
            schema: Schema::of_layer(nearest(layer)),
            service: Schema::of_service(),
            declared: layer,
            opening,
            is_introduced: false,
            asked: HashMap::new(),
            answers: HashMap::new(),
            pushes: VecDeque::new(),
        }
    }

    /// What it understands.
    pub const fn schema(&self) -> &Schema {
        &self.schema
    }

    /// What it understood, when there is nothing more to say.
    pub fn into_schema(self) -> Schema {
        self.schema
    }

    /// Logs in with the code of a test number.
    pub async fn log_in(&mut self, phone: &str, code: &str) {
        let settings = object("codeSettings", []);
        let arguments = [
            ("phone_number", phone.into()),
            ("api_id", 1.into()),
            ("api_hash", "hash".into()),
            ("settings", settings),
        ];
        let sent = self.ask("auth.sendCode", &arguments).await.expect("the number is good");
        let hash = sent.field("phone_code_hash").expect("a code is asked for").clone();
        let arguments = [
            ("phone_number", phone.into()),
            ("phone_code_hash", hash),
            ("phone_code", code.into()),
        ];
        let done = self.ask("auth.signIn", &arguments).await.expect("the code is good");
        assert_eq!(done.name(), Some("auth.authorization"), "logged in");
    }

    /// Logs in as a bot.
    pub async fn log_in_bot(&mut self, token: &str) {
        let arguments =
            [("api_id", 1.into()), ("api_hash", "hash".into()), ("bot_auth_token", token.into())];
        let done = self.ask("auth.importBotAuthorization", &arguments).await;
        assert_eq!(done.expect("the token is good").name(), Some("auth.authorization"));
    }

    /// Calls a function of its layer, and waits for what it comes to.
    pub async fn ask(
        &mut self,
        function: &'static str,
        arguments: &[(&'static str, Value)],
    ) -> Result<Value, Refusal> {
        let body = self.schema.call(function, arguments);
        let asked = self.send(function, body).await;
        self.answer(asked).await
    }

    /// Sends the bytes of a call without waiting. The first of the connection is wrapped.
    pub async fn send(&mut self, function: &'static str, body: Vec<u8>) -> MsgId {
        let body = if self.is_introduced { body } else { self.introduced(body) };
        self.is_introduced = true;
        let id = self.wire.send(body).await;
        self.asked.insert(id, function);
        id
    }

    /// What a call came to.
    pub async fn answer(&mut self, asked: MsgId) -> Result<Value, Refusal> {
        loop {
            if let Some(answer) = self.answers.remove(&asked) {
                return answer;
            }
            self.hear().await;
        }
    }

    /// The next batch of updates that nobody asked for.
    pub async fn pushed(&mut self) -> Value {
        loop {
            if let Some(push) = self.pushes.pop_front() {
                return push;
            }
            self.hear().await;
        }
    }

    /// Reads one message, whatever it is.
    async fn hear(&mut self) {
        let heard = soon("a message of the server", self.wire.find(|_| true)).await;
        let id = Reader::of(&heard.body).peek_u32().expect("a message begins with an id");
        if id == RPC_RESULT {
            return self.take_answer(&heard.body);
        }
        if self.service.has_id(id) {
            let read = self.service.read_any(&heard.body);
            read.unwrap_or_else(|mismatch| panic!("a service message: {mismatch}"));
            return;
        }
        let push = self.schema.read_updates(&heard.body);
        self.pushes.push_back(push.unwrap_or_else(|mismatch| panic!("a push: {mismatch}")));
    }

    fn take_answer(&mut self, body: &Bytes) {
        let mut reader = Reader::of(body);
        let (_, request) = (reader.u32(), reader.i64().expect("an answer names its request"));
        let request = MsgId(request);
        let result = match reader.rest() {
            packed if gzip::is_packed(&packed) => {
                gzip::unpack(&packed, 1 << 24).expect("the server packs soundly")
            }
            plain => plain,
        };
        let Some(function) = self.asked.remove(&request) else {
            panic!("an answer to {request:?}, which was not asked")
        };
        let answer = if Reader::of(&result).peek_u32() == Ok(tl::mtproto::types::RpcError::ID) {
            let refused = tl::mtproto::types::RpcError::from_bytes(&result);
            let refused = refused.expect("errors can be read");
            Err(Refusal { code: refused.error_code, text: refused.error_message.to_string() })
        } else {
            let read = self.schema.read_result(function, &result);
            Ok(read.unwrap_or_else(|mismatch| panic!("the answer to {function}: {mismatch}")))
        };
        self.answers.insert(request, answer);
    }

    fn introduced(&self, query: Vec<u8>) -> Vec<u8> {
        let layer = i32::try_from(self.declared).expect("layers are small numbers");
        let with_layer =
            |query: Vec<u8>| tl::InvokeWithLayer { layer, query: Raw(query.into()) }.to_bytes();
        match self.opening {
            Opening::LayerOutside => with_layer(said_who(query)),
            Opening::LayerInside => said_who(with_layer(query)),
        }
    }
}

fn nearest(layer: u32) -> u32 {
    let below = Schema::layers().iter().filter(|known| **known <= layer).max();
    *below.expect("clients of that age are not served")
}

fn said_who(query: Vec<u8>) -> Vec<u8> {
    let init = tl::InitConnection {
        api_id: 1,
        device_model: "speaker".into(),
        system_version: "1".into(),
        app_version: "1".into(),
        system_lang_code: "en".into(),
        lang_pack: tl::Str::new(),
        lang_code: "en".into(),
        proxy: None,
        params: None,
        query: Raw(query.into()),
    };
    init.to_bytes()
}

/// `rpc_result`, which the schema cannot describe.
const RPC_RESULT: u32 = 0xf35c_6d01;
