//! `POST /messageLog`: the same cases for each kind of sign-in, through the two doors that the
//! extension comes through.

pub(crate) mod colleagues;
pub(crate) mod days;
pub(crate) mod groups;
pub(crate) mod kept;
pub(crate) mod media;
pub(crate) mod threads;
pub(crate) mod trips;

use daybook_tests::crm::Kind;
use daybook_tests::params::{CONVERSATION, texts};
use daybook_tests::sign_in::{session, session_with_oauth};
use daybook_tests::world::{ClientAnswer, Door, World};
use serde_json::{Value, json};

/// How the user of a case signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Login {
    /// On the Example CRM, with a key.
    Key,
    /// On the Example CRM, with OAuth.
    OAuth,
    /// On Pipedrive.
    Pipedrive,
}

impl Login {
    pub(crate) const ALL: [Self; 3] = [Self::Key, Self::OAuth, Self::Pipedrive];
    pub(crate) const WITH_OAUTH: [Self; 2] = [Self::OAuth, Self::Pipedrive];

    pub(crate) fn crm(self) -> Kind {
        match self {
            Self::Key | Self::OAuth => Kind::Example,
            Self::Pipedrive => Kind::Pipedrive,
        }
    }

    /// What stands in the names of cases.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::OAuth | Self::Pipedrive => "oauth",
        }
    }

    /// The name that people know the CRM by.
    fn display_name(self) -> &'static str {
        match self {
            Self::Key => "Example CRM",
            Self::OAuth => "Example CRM (OAuth)",
            Self::Pipedrive => "Pipedrive",
        }
    }
}

/// Cases for each of `$logins` through each of `$doors`, each in a world of its own.
macro_rules! signed_in {
    ($($name:ident),+ $(,)?) => {
        crate::client::messages::signed_in! {
            [daybook_tests::world::Door::LocalHttp, daybook_tests::world::Door::HttpEvent],
            crate::client::messages::Login::ALL; $($name),+
        }
    };
    ($doors:expr, $logins:expr; $($name:ident),+ $(,)?) => {
        pub(crate) fn cases() -> Vec<libtest_mimic::Trial> {
            let mut trials = Vec::new();
            for (login, door) in of_each(&$logins, &$doors) {
                trials.extend(daybook_tests::crm::over(login.crm(), || vec![
                    $(daybook_tests::runner::case(
                        format!(
                            "{}::client::messages::{}::{}",
                            crate::client::messages::named(door), login.name(), stringify!($name)
                        ),
                        move || async move {
                            let place = crate::client::messages::Place::start(door, login).await;
                            $name(&place).await;
                        },
                    )),+
                ]));
            }
            trials
        }

        fn of_each(
            logins: &[crate::client::messages::Login],
            doors: &[daybook_tests::world::Door],
        ) -> Vec<(crate::client::messages::Login, daybook_tests::world::Door)> {
            let pairs = logins.iter().flat_map(|login| doors.iter().map(|door| (*login, *door)));
            pairs.collect()
        }
    };
}
pub(crate) use signed_in;

/// What stands before the names of cases through a door.
pub(crate) fn named(door: Door) -> &'static str {
    let found = Door::ALL.into_iter().find(|(other, _)| *other == door);
    found.expect("it is one of them").1
}

/// A system, and a user who has signed in to it.
pub(crate) struct Place {
    pub(crate) world: World,
    pub(crate) login: Login,
    pub(crate) token: String,
}

impl Place {
    pub(crate) async fn start(door: Door, login: Login) -> Self {
        Self::start_with(door, login, &[]).await
    }

    pub(crate) async fn start_with(door: Door, login: Login, variables: &[(&str, &str)]) -> Self {
        let world = World::start_with(door, variables).await;
        let mut place = Self {
            world,
            login,
            token: String::new(),
        };
        place.token = place.sign_in().await;
        place.world.crm.clear_journal();
        place
    }

    /// Another session of the user.
    pub(crate) async fn sign_in(&self) -> String {
        match self.login {
            Login::Key => session(&self.world).await,
            Login::OAuth | Login::Pipedrive => session_with_oauth(&self.world).await,
        }
    }

    /// Sends a body as the extension does.
    pub(crate) async fn send(&self, body: &Value) -> ClientAnswer {
        self.send_as(&self.token, &body.to_string()).await
    }

    pub(crate) async fn send_as(&self, token: &str, body: &str) -> ClientAnswer {
        let path = format!("/messageLog?jwtToken={token}");
        let headers = [("content-type", "application/json")];
        self.world.client("POST", &path, &headers, body).await
    }

    /// The reply to a body that is answered with 200, in which stands all that the extension reads.
    pub(crate) async fn told(&self, body: &Value) -> Value {
        let answer = self.send(body).await;
        let reply = answer.json();
        assert_eq!(answer.status, 200, "{reply}");
        assert!(reply["successful"].is_boolean(), "{reply}");
        let ids = reply["logIds"].as_array().expect("a list");
        assert!(ids.iter().all(Value::is_string), "{reply}");
        assert!(reply["returnMessage"]["message"].is_string(), "{reply}");
        assert!(reply["returnMessage"]["ttl"].is_number(), "{reply}");
        assert_ne!(reply["returnMessage"]["messageType"], "danger", "{reply}");
        assert_ne!(reply["returnMessage"]["messageType"], "info", "{reply}");
        reply
    }

    /// The ids of a success.
    pub(crate) async fn ids(&self, body: &Value) -> Vec<String> {
        let reply = self.told(body).await;
        assert_eq!(reply["successful"], true, "{reply}");
        ids_of(&reply)
    }

    /// A body of the documented day: texts by their numbers, newest first.
    pub(crate) fn day(&self, numbers: impl IntoIterator<Item = u64>) -> Value {
        self.body(texts(numbers).into_iter().map(handed_on).rev().collect())
    }

    /// A body with messages of the conversation with the contact 1001.
    pub(crate) fn body(&self, messages: Vec<Value>) -> Value {
        let kind = match self.login {
            Login::Key | Login::OAuth => "Contact",
            Login::Pipedrive => "Person",
        };
        json!({
            "logInfo": {
                "conversationLogId": format!("{CONVERSATION}/2/18/2015"),
                "conversationId": CONVERSATION.to_string(),
                "creationTime": 1_424_265_890_000_u64,
                "date": "2/18/2015",
                "type": "SMS",
                "messages": messages,
                "conversationLogMatches": [],
                "self": {"phoneNumber": "+18885550052"},
                "correspondents": [{"phoneNumber": "+16505553204"}],
            },
            "additionalSubmission": {},
            "overridingFormat": ["(***) ***-****"],
            "contactId": "1001",
            "contactType": kind,
            "contactName": "Daisy Meadows",
        })
    }
}

/// A message of RingCentral's message store as the widget hands it on.
pub(crate) fn handed_on(mut message: Value) -> Value {
    let fields = message.as_object_mut().expect("an object");
    fields.remove("uri");
    let time = fields["creationTime"].as_str().expect("a time");
    let time: chrono::DateTime<chrono::Utc> = time.parse().expect("a time");
    fields.insert("creationTime".to_owned(), json!(time.timestamp_millis()));
    fields.insert(
        "lastModifiedTime".to_owned(),
        json!(time.timestamp_millis()),
    );
    let conversation = fields["conversationId"].to_string();
    fields.insert("conversationId".to_owned(), json!(conversation));
    message
}

pub(crate) fn ids_of(reply: &Value) -> Vec<String> {
    let ids = reply["logIds"].as_array().expect("a list").iter();
    ids.map(|id| id.as_str().expect("text").to_owned())
        .collect()
}

/// A reply's `returnMessage.message`.
pub(crate) fn words(reply: &Value) -> &str {
    reply["returnMessage"]["message"].as_str().expect("words")
}

/// Replaces what is at a place of a body.
pub(crate) fn set(body: &mut Value, pointer: &str, value: Value) {
    *body.pointer_mut(pointer).expect("a place") = value;
}
