//! Grants on disk and on the page.

use std::error::Error;
use std::fs;

use axum::http::StatusCode;
use tempfile::TempDir;

use super::app::{App, Clock, Tokens, is_refused};
use crate::ExampleCrm;

#[tokio::test]
async fn grants_outlive_a_restart() -> Result<(), Box<dyn Error>> {
    let dir = TempDir::new()?;
    let clock = Clock::new();
    let open = || Ok::<_, Box<dyn Error>>(App::by(ExampleCrm::open(dir.path())?, clock.clone()));
    let app = open()?;
    let used = app.allowed("1-2").await;
    let tokens = Tokens::of(&app.redeem(&used).await);
    let ended = app.connect("1-2").await;
    app.revoke(&ended.refresh).await;
    let code = app.allowed("2-1").await;

    let app = open()?;
    let name = app.who(&tokens.access).await;
    assert_eq!(name.as_deref(), Some("Second Rep"));
    assert_eq!(app.who(&ended.access).await, None);
    let other = Tokens::of(&app.redeem(&code).await);
    assert_eq!(app.who(&other.access).await.as_deref(), Some("Other Rep"));
    let tokens = Tokens::of(&app.refresh(&tokens.refresh).await);

    let app = open()?;
    is_refused(&app.redeem(&used).await, 400, "invalid_grant");
    assert_eq!(app.who(&tokens.access).await, None, "a used code ends it");
    assert!(app.who(&other.access).await.is_some());
    Ok(())
}

#[tokio::test]
async fn the_file_holds_no_code_and_no_token() -> Result<(), Box<dyn Error>> {
    let dir = TempDir::new()?;
    let app = App::of(ExampleCrm::open(dir.path())?);
    let used = app.allowed("1-1").await;
    let first = Tokens::of(&app.redeem(&used).await);
    let second = Tokens::of(&app.refresh(&first.refresh).await);
    let waiting = app.allowed("1-2").await;
    let file = fs::read_to_string(dir.path().join("example-crm.json"))?;
    assert_eq!(file.matches("\"grantedAt\"").count(), 2);
    for secret in [
        &used,
        &waiting,
        &first.access,
        &first.refresh,
        &second.access,
        &second.refresh,
    ] {
        assert!(!file.contains(secret.as_str()));
    }
    assert!(!file.contains("example-crm-secret"));
    Ok(())
}

#[tokio::test]
async fn the_next_write_forgets_what_has_expired() -> Result<(), Box<dyn Error>> {
    let dir = TempDir::new()?;
    let app = App::of(ExampleCrm::open(dir.path())?);
    let path = dir.path().join("example-crm.json");
    app.connect("1-1").await;
    for _ in 0..5 {
        app.allowed("1-1").await;
    }
    let count = |text: &str| fs::read_to_string(&path).map(|file| file.matches(text).count());
    assert_eq!(count("\"allowed\"")?, 5);
    assert_eq!(count("\"access\"")?, 1);
    app.clock.forward(600);
    app.revoke("unknown").await;
    assert_eq!(count("\"allowed\"")?, 0);
    assert_eq!(count("\"access\"")?, 0);
    assert_eq!(count("\"refresh\"")?, 1);
    Ok(())
}

#[tokio::test]
async fn a_damaged_grant_is_an_error() -> Result<(), Box<dyn Error>> {
    let dir = TempDir::new()?;
    let app = App::of(ExampleCrm::open(dir.path())?);
    app.connect("1-2").await;
    let path = dir.path().join("example-crm.json");
    let good = fs::read_to_string(&path)?;
    for bad in [
        good.replace("\"companyId\": 1", "\"companyId\": 2"),
        good.replace("\"nextGrantId\": 2", "\"nextGrantId\": 1"),
    ] {
        assert_ne!(bad, good);
        fs::write(&path, bad)?;
        assert!(ExampleCrm::open(dir.path()).is_err());
    }
    Ok(())
}

#[tokio::test]
async fn a_person_sees_what_is_connected_and_ends_it() {
    let app = App::new();
    assert!(
        app.browser
            .get("/crm")
            .await
            .body
            .contains("No app is connected.")
    );
    app.allowed("1-2").await;
    assert!(
        app.browser
            .get("/crm")
            .await
            .body
            .contains("No app is connected.")
    );
    let mine = app.connect("1-1").await;
    let other = app.connect("2-1").await;
    let page = app.browser.get("/crm").await.body;
    for text in [
        "Demo Rep of Example Company is connected by App Connect since",
        "Mar 3, 2025, 3:06 AM PST",
        "Other Rep of Second Company is connected by App Connect since",
        "Mar 3, 2025, 4:36 PM IST",
        "action=\"/crm/grants/2/disconnect\"",
        "action=\"/crm/grants/3/disconnect\"",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert_eq!(page.matches("<form").count(), 2);

    // The second time it has ended already.
    for _ in 0..2 {
        let reply = app.browser.form("/crm/grants/2/disconnect", &[]).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER);
        assert_eq!(reply.headers["location"], "/crm");
        assert_eq!(app.who(&mine.access).await, None);
        let reply = app.refresh(&mine.refresh).await;
        is_refused(&reply, 400, "invalid_grant");
    }
    assert!(app.who(&other.access).await.is_some());
    assert!(!app.browser.get("/crm").await.body.contains("Demo Rep of"));
}
