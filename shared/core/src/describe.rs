//! What the objects look like that requests bring, for the description of the interfaces. It is
//! made of the very types that read them.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

/// An object that several types read parts of.
#[derive(Debug, Default)]
pub struct Shape {
    properties: Map<String, Value>,
}

impl Shape {
    /// Adds the fields that `T` has, those of its variants too.
    pub fn add<T: JsonSchema>(&mut self, generator: &mut SchemaGenerator) {
        self.take(T::json_schema(generator).as_value());
    }

    fn take(&mut self, schema: &Value) {
        if let Some(properties) = schema["properties"].as_object() {
            self.properties.extend(properties.clone());
        }
        for several in ["oneOf", "anyOf", "allOf"] {
            for one in schema[several].as_array().into_iter().flatten() {
                self.take(one);
            }
        }
    }

    /// Says what the field of a name looks like, whatever was said before.
    pub fn set<T: JsonSchema>(&mut self, field: &str, generator: &mut SchemaGenerator) {
        let schema = generator.subschema_for::<T>();
        self.properties.insert(field.to_owned(), schema.into());
    }

    /// Keeps the fields of these names alone.
    ///
    /// # Panics
    /// Where one is not there.
    pub fn only(mut self, fields: &[&str]) -> Self {
        let kept = fields.iter().map(|field| {
            let schema = self.properties.remove(*field);
            let schema = schema.unwrap_or_else(|| panic!("there is no field {field}"));
            ((*field).to_owned(), schema)
        });
        Self {
            properties: kept.collect(),
        }
    }

    /// The object, in which `needed` must be there.
    ///
    /// # Panics
    /// Where one of these is none of its fields.
    pub fn needing(self, needed: &[&str]) -> Schema {
        let unknown = (needed.iter()).find(|field| !self.properties.contains_key(**field));
        assert!(unknown.is_none(), "there is no field {unknown:?}");
        let mut schema = json_schema!({"type": "object", "properties": self.properties});
        if !needed.is_empty() {
            schema.insert("required".to_owned(), json!(needed));
        }
        schema
    }
}

/// Describes what `$params` is parsed from: the fields of each `$part`, of which `$needed` must be
/// there. `$field` is described by `$shape`, where several parts read it.
#[macro_export]
macro_rules! described {
    (
        $params:ident as $name:literal: $($part:ty),+;
        $(with $($field:literal as $shape:ty),+;)?
        needs $($needed:literal),*
    ) => {
        impl ::schemars::JsonSchema for $params {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn schema_id() -> ::std::borrow::Cow<'static, str> {
                concat!(module_path!(), "::", stringify!($params)).into()
            }

            fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                let mut shape = $crate::describe::Shape::default();
                $(shape.add::<$part>(generator);)+
                $($(shape.set::<$shape>($field, generator);)+)?
                shape.needing(&[$($needed),*])
            }
        }
    };
}

/// Describes a value that JSON carries in several types.
macro_rules! scalar {
    ($scalar:ident, $($kind:literal),+) => {
        impl ::schemars::JsonSchema for $scalar {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($scalar).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({"type": [$($kind),+]})
            }
        }
    };
}
pub(crate) use scalar;

#[cfg(test)]
mod tests {
    use schemars::generate::SchemaSettings;
    use serde_json::json;

    use crate::error::RequestError;
    use crate::ids::CrmUserId;
    use crate::params::client::{
        CallChangeBody, CallNoteBody, ConversationBody, DispositionBody, MessageLog, NewCallBody,
        NewContactBody,
    };
    use crate::params::{
        AccountDataParams, ApiKeyLogin, CallNoteParams, ClientDispositions, CreateCallLogParams,
        CreateContactParams, FindContactParams, FindContactWithNameParams, GetCallLogParams,
        MessageLogParams, SettingsUpdate, UpdateCallLogParams, UpsertCallDispositionParams,
        UserListParams,
    };
    use crate::user::User;

    use super::*;

    fn somebody() -> User {
        User {
            id: CrmUserId::parse("1").expect("an id"),
            hostname: None,
            name: None,
            zone: None,
            settings: Map::new(),
        }
    }

    /// The fields of an object that must be there, and all of them.
    fn fields<T: JsonSchema>() -> (Vec<String>, Vec<String>) {
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        let schema = T::json_schema(&mut generator).to_value();
        let needed = schema["required"].as_array().into_iter().flatten();
        let needed = needed.filter_map(Value::as_str).map(str::to_owned);
        let all = schema["properties"].as_object().expect("an object");
        (needed.collect(), all.keys().cloned().collect())
    }

    #[test]
    fn what_is_described_as_needed_is_asked_for() {
        fn check<T: JsonSchema>(parse: fn(&[u8]) -> Result<T, RequestError>) {
            check_as::<T, T>(parse);
        }
        fn check_as<T: JsonSchema, P>(parse: fn(&[u8]) -> Result<P, RequestError>) {
            let (needed, all) = fields::<T>();
            let named: Vec<String> = all
                .into_iter()
                .filter(|field| {
                    // A request that has everything else that is needed is refused for this field.
                    let error = parse(b"{}").err().map(|error| error.to_string());
                    error.is_some_and(|error| error.contains(&format!("`{field}`")))
                })
                .collect();
            let first = named.first();
            assert_eq!(first.is_none(), needed.is_empty(), "{named:?} {needed:?}");
            assert!(
                first.is_none_or(|first| needed.contains(first)),
                "{first:?} {needed:?}"
            );
        }
        check(MessageLogParams::parse);
        check(CreateCallLogParams::parse);
        check(UpdateCallLogParams::parse);
        check(GetCallLogParams::parse);
        check(UpsertCallDispositionParams::parse);
        check(FindContactParams::parse);
        check(FindContactWithNameParams::parse);
        check(CreateContactParams::parse);
        check(UserListParams::parse);
        check(AccountDataParams::parse);
        check(ApiKeyLogin::parse);
        check(SettingsUpdate::parse);
        check_as::<ConversationBody, _>(|body| MessageLog::parse(body, somebody()));
        check_as::<NewCallBody, _>(|body| CreateCallLogParams::by_client(body, somebody()));
        check_as::<CallChangeBody, _>(|body| UpdateCallLogParams::by_client(body, somebody()));
        check_as::<CallNoteBody, _>(CallNoteParams::parse);
        check_as::<DispositionBody, _>(|body| ClientDispositions::parse(body, somebody()));
        check_as::<NewContactBody, _>(|body| CreateContactParams::of_body(body, somebody()));
    }

    #[test]
    fn the_fields_of_all_parts_are_described() {
        let (needed, all) = fields::<CreateCallLogParams>();
        assert_eq!(needed, ["user", "contactInfo", "callLog"]);
        for field in [
            "authHeader",
            "note",
            "ringSenseAIScore",
            "hashedExtensionId",
        ] {
            assert!(all.contains(&field.to_owned()), "{field}: {all:?}");
        }
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        let _ = CreateCallLogParams::json_schema(&mut generator);
        let call = &generator.definitions()["CallLog"]["properties"];
        assert_eq!(
            call["sessionId"]["type"],
            json!(["string", "integer", "null"])
        );
        for field in ["startTime", "recording", "extensionNumber", "legs"] {
            assert!(call[field].is_object(), "{field}: {call}");
        }
    }
}
