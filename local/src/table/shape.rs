//! Making the table: its key, its indexes, and the attribute by which items expire. Every start
//! looks at all of it, because an earlier one may have been ended halfway or was of an older
//! template.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex,
    GlobalSecondaryIndexDescription, GlobalSecondaryIndexUpdate, KeySchemaElement, KeyType,
    Projection, ProjectionType, ScalarAttributeType, TimeToLiveSpecification, TimeToLiveStatus,
};

use super::TableError;
use crate::template::{Index, KeyElement, TableProperties};

const BUILT: &str = "every field is set";

pub(super) async fn make(
    client: &Client,
    table: &str,
    properties: &TableProperties,
) -> Result<(), TableError> {
    if !create(client, table, properties).await? {
        mend(client, table, properties).await?;
    }
    expire(client, table, properties).await
}

/// Whether the table was made; `false` where it was there.
async fn create(
    client: &Client,
    table: &str,
    properties: &TableProperties,
) -> Result<bool, TableError> {
    let indexes: Vec<GlobalSecondaryIndex> = properties
        .indexes
        .iter()
        .map(|index| {
            GlobalSecondaryIndex::builder()
                .index_name(&index.index_name)
                .set_key_schema(Some(key_schema(&index.key_schema)))
                .projection(projection(index))
                .build()
                .expect(BUILT)
        })
        .collect();
    let created = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes(properties)))
        .set_key_schema(Some(key_schema(&properties.key_schema)))
        .set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes))
        .send()
        .await;
    match created {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(CreateTableError::ResourceInUseException(_)) => Ok(false),
            Some(_) | None => Err(not_made(error)),
        },
    }
}

/// Adds the indexes that a table of an earlier version lacks, and refuses what cannot be changed.
async fn mend(
    client: &Client,
    table: &str,
    properties: &TableProperties,
) -> Result<(), TableError> {
    let described = client.describe_table().table_name(table).send().await;
    let described = described.map_err(not_made)?.table;
    let described = described.ok_or_else(|| not_made("it has no description"))?;
    let otherwise = |what: String| TableError::MadeOtherwise {
        table: table.to_owned(),
        what,
    };
    if described.key_schema() != key_schema(&properties.key_schema) {
        return Err(otherwise("a key".to_owned()));
    }
    for index in &properties.indexes {
        let there = described
            .global_secondary_indexes()
            .iter()
            .find(|there| there.index_name() == Some(&index.index_name));
        match there {
            Some(there) if is_like(there, index) => {}
            Some(_) => return Err(otherwise(format!("an index {}", index.index_name))),
            None => add_index(client, table, properties, index).await?,
        }
    }
    Ok(())
}

fn is_like(there: &GlobalSecondaryIndexDescription, index: &Index) -> bool {
    there.key_schema() == key_schema(&index.key_schema)
        && there.projection().is_some_and(|there| {
            let ours = projection(index);
            there.projection_type() == ours.projection_type()
                && there.non_key_attributes() == ours.non_key_attributes()
        })
}

async fn add_index(
    client: &Client,
    table: &str,
    properties: &TableProperties,
    index: &Index,
) -> Result<(), TableError> {
    let action = CreateGlobalSecondaryIndexAction::builder()
        .index_name(&index.index_name)
        .set_key_schema(Some(key_schema(&index.key_schema)))
        .projection(projection(index))
        .build()
        .expect(BUILT);
    client
        .update_table()
        .table_name(table)
        .set_attribute_definitions(Some(attributes(properties)))
        .global_secondary_index_updates(
            GlobalSecondaryIndexUpdate::builder().create(action).build(),
        )
        .send()
        .await
        .map(drop)
        .map_err(not_made)
}

/// Says by which attribute items expire, unless the table knows.
async fn expire(
    client: &Client,
    table: &str,
    properties: &TableProperties,
) -> Result<(), TableError> {
    let wanted = &properties.time_to_live_specification;
    let described = client
        .describe_time_to_live()
        .table_name(table)
        .send()
        .await;
    let there = described.map_err(not_made)?.time_to_live_description;
    let attribute = there
        .filter(|there| there.time_to_live_status() == Some(&TimeToLiveStatus::Enabled))
        .and_then(|there| there.attribute_name);
    if attribute.as_ref() == wanted.enabled.then_some(&wanted.attribute_name) {
        return Ok(());
    }
    let specification = TimeToLiveSpecification::builder()
        .attribute_name(&wanted.attribute_name)
        .enabled(wanted.enabled)
        .build()
        .expect(BUILT);
    client
        .update_time_to_live()
        .table_name(table)
        .time_to_live_specification(specification)
        .send()
        .await
        .map(drop)
        .map_err(not_made)
}

fn attributes(properties: &TableProperties) -> Vec<AttributeDefinition> {
    let attribute = |attribute: &crate::template::AttributeDefinition| {
        AttributeDefinition::builder()
            .attribute_name(&attribute.attribute_name)
            .attribute_type(ScalarAttributeType::from(attribute.attribute_type.as_str()))
            .build()
            .expect(BUILT)
    };
    properties
        .attribute_definitions
        .iter()
        .map(attribute)
        .collect()
}

fn key_schema(keys: &[KeyElement]) -> Vec<KeySchemaElement> {
    let element = |key: &KeyElement| {
        KeySchemaElement::builder()
            .attribute_name(&key.attribute_name)
            .key_type(KeyType::from(key.key_type.as_str()))
            .build()
            .expect(BUILT)
    };
    keys.iter().map(element).collect()
}

fn projection(index: &Index) -> Projection {
    let projection = &index.projection;
    let attributes = &projection.non_key_attributes;
    Projection::builder()
        .projection_type(ProjectionType::from(projection.projection_type.as_str()))
        .set_non_key_attributes((!attributes.is_empty()).then(|| attributes.clone()))
        .build()
}

fn not_made(error: impl Into<super::Cause>) -> TableError {
    TableError::NotMade(error.into())
}

#[cfg(test)]
mod tests {
    use super::super::EmbeddedTable;
    use super::*;
    use crate::template::{TEMPLATE, Template};

    fn properties() -> TableProperties {
        Template::parse(TEMPLATE).expect("readable").table
    }

    async fn empty() -> (EmbeddedTable, Client) {
        let table = EmbeddedTable::serve(None).await.expect("it starts");
        let client = Client::new(&table.sdk_config());
        (table, client)
    }

    async fn expires_by(client: &Client, table: &str) -> Option<String> {
        let described = client
            .describe_time_to_live()
            .table_name(table)
            .send()
            .await;
        let there = described.expect("described").time_to_live_description?;
        (there.time_to_live_status() == Some(&TimeToLiveStatus::Enabled))
            .then_some(there.attribute_name)
            .flatten()
    }

    async fn indexes(client: &Client, table: &str) -> Vec<GlobalSecondaryIndexDescription> {
        let described = client.describe_table().table_name(table).send().await;
        let described = described.expect("described").table.expect("a table");
        described.global_secondary_indexes().to_vec()
    }

    #[tokio::test]
    async fn a_table_has_the_name_that_was_asked_for_and_all_of_the_template() {
        let (table, client) = empty().await;
        for _ in 0..2 {
            table.make("other", &properties()).await.expect("made");
            let names = client.list_tables().send().await.expect("listed");
            assert_eq!(names.table_names(), ["other"]);
            assert_eq!(
                expires_by(&client, "other").await.as_deref(),
                Some("expiresAt")
            );
            let there = indexes(&client, "other").await;
            assert!(is_like(&there[0], &properties().indexes[0]), "{there:?}");
        }
    }

    #[tokio::test]
    async fn what_an_earlier_run_left_out_is_made() {
        let (table, client) = empty().await;
        let mut older = properties();
        older.indexes.clear();
        older.attribute_definitions.truncate(2);
        let created = create(&client, "daybook", &older).await;
        assert!(created.expect("created"), "without indexes or expiry");
        assert_eq!(expires_by(&client, "daybook").await, None);

        table.make("daybook", &properties()).await.expect("mended");
        assert_eq!(
            expires_by(&client, "daybook").await.as_deref(),
            Some("expiresAt")
        );
        assert_eq!(indexes(&client, "daybook").await.len(), 1);
    }

    #[tokio::test]
    async fn a_table_that_cannot_become_ours_is_refused() {
        let (table, _client) = empty().await;
        table.make("daybook", &properties()).await.expect("made");
        let mut changed = properties();
        changed.indexes[0].projection.projection_type = "ALL".to_owned();
        let error = table.make("daybook", &changed).await.expect_err("refused");
        assert!(error.to_string().contains("an index due"), "{error}");
        let mut changed = properties();
        changed.key_schema[0].attribute_name = "key".to_owned();
        changed.attribute_definitions[0].attribute_name = "key".to_owned();
        let error = table.make("daybook", &changed).await.expect_err("refused");
        assert!(error.to_string().contains("a key other"), "{error}");
    }
}
