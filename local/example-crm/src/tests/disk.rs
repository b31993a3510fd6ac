//! What is kept on disk, under load, across a restart and when the file is damaged.

use std::error::Error;
use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::{Client, DAISY, ROBIN};
use crate::{ExampleCrm, OpenError, SECOND_COMPANY_KEY};

#[tokio::test]
async fn everything_is_there_after_a_restart() -> Result<(), Box<dyn Error>> {
    let dir = TempDir::new()?;
    let folder = dir.path().join("made/when/missing");
    let client = Client::new(&ExampleCrm::open(&folder)?);
    let mut deepest = json!({});
    for _ in 0..14 {
        deepest = json!([deepest]);
    }
    let new = json!({
        "contactId": DAISY,
        "subject": "Call",
        "startedAt": "2025-03-03T12:00:00Z",
        "durationSecs": 75,
        "extra": { "deepest": deepest },
        "dispositions": { "deepest": deepest },
    });
    client.post("/crm/api/activities", new).await;
    client.log(1002, "deleted", "").await;
    client.delete("/crm/api/activities/2").await;
    let contact = json!({ "name": "Fern Hill", "phone": "+12065550111" });
    client.post("/crm/api/contacts", contact).await;
    client
        .patch("/crm/api/contacts/1002", json!({ "name": "Changed" }))
        .await;

    let reopened = Client::new(&ExampleCrm::open(&folder)?);
    for path in ["/crm/api/contacts", "/crm/api/activities"] {
        assert_eq!(reopened.get(path).await.body, client.get(path).await.body);
    }
    assert_eq!(reopened.list("/crm/api/contacts", "id").await.len(), 4);
    assert_eq!(
        reopened.log(DAISY, "ids are not used twice", "").await["id"],
        3
    );
    let files: Vec<_> = fs::read_dir(&folder)?.collect::<Result<_, _>>()?;
    assert_eq!(files.len(), 1, "no temporary file stays behind");
    Ok(())
}

#[tokio::test]
async fn fifty_writes_at_once_are_all_kept() -> Result<(), Box<dyn Error>> {
    let dir = TempDir::new()?;
    let client = Client::new(&ExampleCrm::open(dir.path())?);
    let writes: Vec<_> = (0..50)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move {
                let activity = client.log(DAISY, &format!("write {number}"), "").await;
                activity["id"].as_u64()
            })
        })
        .collect();
    let mut ids = Vec::new();
    for write in writes {
        ids.push(write.await?);
    }
    ids.sort_unstable();
    assert_eq!(ids, (1..=50).map(Some).collect::<Vec<_>>());
    let reopened = Client::new(&ExampleCrm::open(dir.path())?);
    let mut subjects = reopened.list("/crm/api/activities", "subject").await;
    subjects.sort_by_key(ToString::to_string);
    subjects.dedup();
    assert_eq!(subjects.len(), 50);
    Ok(())
}

#[test]
fn a_damaged_file_is_named_and_left_alone() -> Result<(), Box<dyn Error>> {
    let dir = TempDir::new()?;
    ExampleCrm::open(dir.path())?;
    let path = dir.path().join("example-crm.json");
    let good = fs::read_to_string(&path)?;
    for bad in [
        String::new(),
        good[..good.len() / 2].to_owned(),
        good.replace("\"format\": 2", "\"format\": 3"),
        good.replace("\"id\": 1002", "\"id\": 1001"),
        good.replace("\"id\": 1002", "\"id\": 2001"),
        good.replace("\"id\": 2,", "\"id\": 3,"),
        good.replace("\"nextContactId\": 2002", "\"nextContactId\": 2001"),
        good.replace("\"id\": 1002", "\"id\": \"+16505553204\""),
    ] {
        assert_ne!(bad, good);
        fs::write(&path, &bad)?;
        let error = ExampleCrm::open(dir.path()).err().ok_or("opened")?;
        assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
        let words = error.to_string();
        assert!(words.contains("example-crm.json"), "{words}");
        assert!(!words.contains("6505553204"), "{words}");
        assert_eq!(fs::read_to_string(&path)?, bad);
    }
    Ok(())
}

#[tokio::test]
async fn a_file_of_one_company_is_read_as_that_companys() -> Result<(), Box<dyn Error>> {
    for (next_contact_id, robin) in [(1004, ROBIN), (3007, 3007)] {
        let dir = TempDir::new()?;
        let file = json!({
            "format": 1,
            "nextContactId": next_contact_id,
            "nextActivityId": 8,
            "contacts": [{
                "id": 1003,
                "name": "Hazel Brooks",
                "phone": "+12125550187",
                "type": "Contact",
                "createdAt": "2025-01-01T00:00:00.000Z",
                "updatedAt": "2025-01-01T00:00:00.000Z",
            }],
            "activities": [{
                "id": 7,
                "contactId": 1003,
                "subject": "Kept",
                "note": "kept",
                "type": "Call",
                "createdAt": "2025-01-01T00:00:00.000Z",
                "updatedAt": "2025-01-01T00:00:00.000Z",
            }],
        });
        fs::write(dir.path().join("example-crm.json"), file.to_string())?;
        let mut activity = json!(7);
        // Once from the old file, once from what the first change makes of it.
        for _ in 0..2 {
            let crm = ExampleCrm::open(dir.path())?;
            let client = Client::new(&crm);
            let other = Client::with_key(&crm, SECOND_COMPANY_KEY);
            assert_eq!(client.list("/crm/api/contacts", "id").await, [1003]);
            let kept = client.get("/crm/api/activities/7").await.json();
            assert_eq!(kept["subject"], "Kept");
            assert_eq!(other.list("/crm/api/contacts", "id").await, [robin]);
            let next = client.log(1003, "next", "").await["id"].clone();
            assert_eq!(next.as_u64(), activity.as_u64().map(|id| id + 1));
            activity = next;
        }
        let new = json!({ "name": "Fern Hill", "phone": "+12065550111" });
        let client = Client::new(&ExampleCrm::open(dir.path())?);
        let created = client.post("/crm/api/contacts", new).await.json();
        assert_eq!(created["id"], robin + 1);
    }
    Ok(())
}

#[tokio::test]
async fn a_write_that_is_not_saved_is_not_made() -> Result<(), Box<dyn Error>> {
    let dir = TempDir::new()?;
    let folder = dir.path().join("crm");
    let client = Client::new(&ExampleCrm::open(&folder)?);
    fs::remove_dir_all(&folder)?;
    let contact = json!({ "name": "Fern Hill", "phone": "+12065550111" });
    let reply = client.post("/crm/api/contacts", contact).await;
    reply.is_refused(500, "internal", None);
    assert_eq!(client.list("/crm/api/contacts", "id").await.len(), 3);
    Ok(())
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() -> Result<(), Box<dyn Error>> {
    let dir = TempDir::new()?;
    let file = dir.path().join("file");
    fs::write(&file, "")?;
    let error = ExampleCrm::open(&file.join("crm")).err().ok_or("opened")?;
    assert!(error.to_string().contains("example-crm.json"), "{error}");
    Ok(())
}

#[test]
fn debug_output_tells_nothing_of_the_data() {
    assert_eq!(
        format!("{:?}", ExampleCrm::in_memory()),
        "ExampleCrm { .. }"
    );
}
