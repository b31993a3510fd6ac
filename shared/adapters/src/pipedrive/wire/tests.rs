use serde_json::json;

use super::*;

#[test]
fn a_call_lasts_the_minutes_that_have_begun() {
    for (millis, expected) in [
        (0, "00:00"),
        (1, "00:01"),
        (60_000, "00:01"),
        (60_001, "00:02"),
        (75_000, "00:02"),
        (3_599_000, "01:00"),
        (3_600_000, "01:00"),
        (86_400_000, "24:00"),
        (360_000_000, "100:00"),
    ] {
        let times = Times::of(None, Some(Duration::from_millis(millis)));
        assert_eq!(json!(times), json!({"duration": expected}), "{millis}");
    }
}

#[test]
fn a_start_is_told_in_utc_and_what_is_not_known_is_not_sent() {
    let at = "2015-02-18T23:24:50.123-08:00".parse::<DateTime<Utc>>();
    let times = Times::of(Some(at.expect("a time")), None);
    assert_eq!(
        json!(times),
        json!({"due_date": "2015-02-19", "due_time": "07:24"})
    );
    assert_eq!(json!(Times::default()), json!({}));
}

#[test]
fn an_update_without_a_deal_unlinks_none() {
    assert_eq!(json!(ActivityPatch::default()), json!({}));
    let links = Links {
        deal_id: Some(None),
        lead_id: Some(Some("x".to_owned())),
    };
    assert_eq!(json!(links), json!({"deal_id": null, "lead_id": "x"}));
}

#[test]
fn an_activity_is_read_as_a_call_with_all_that_it_tells() {
    let told = json!({
        "id": 7,
        "subject": "Call",
        "type": "call",
        "note": "n",
        "is_deleted": false,
        "due_date": "2015-02-18",
        "due_time": "13:24:00",
        "duration": "01:02:00",
        "deal_id": 5,
        "lead_id": "adf21080-0e10-11eb-879b-05d71fb426ec",
        "later": ["told", "too"],
    });
    let activity: Activity = serde_json::from_value(told.clone()).expect("an activity");
    let call = CallLog::from(activity);
    assert_eq!(call.id.as_str(), "7");
    assert_eq!(call.started_at, "2015-02-18T13:24:00Z".parse().ok());
    assert_eq!(call.duration, Some(Duration::from_secs(3_720)));
    assert_eq!(
        Value::Object(call.dispositions),
        json!({"deals": "5", "leads": "adf21080-0e10-11eb-879b-05d71fb426ec"})
    );
    assert_eq!(call.response, told);
}

#[test]
fn an_activity_without_a_time_has_none() {
    for (date, time, duration) in [
        (json!(null), json!(null), json!(null)),
        (json!("2015-02-18"), json!(""), json!("")),
        (json!("2015-02-18"), json!(null), json!("x")),
        (json!("2015-02-30"), json!("10:00"), json!("00:60")),
        (json!("2015-02-18"), json!("24:00:00"), json!("1")),
    ] {
        let told = json!({
            "id": 7, "due_date": date, "due_time": time, "duration": duration,
        });
        let activity: Activity = serde_json::from_value(told).expect("an activity");
        let call = CallLog::from(activity);
        assert_eq!(
            (call.started_at, call.duration),
            (None, None),
            "{date} {time}"
        );
        assert_eq!(call.body, "");
    }
}

#[test]
fn a_user_is_at_the_host_of_the_company() {
    let me = json!({
        "id": 7,
        "name": "Demo Rep",
        "timezone_name": "Europe/Berlin",
        "timezone_offset": "+01:00",
        "company_id": 5,
        "company_domain": "acme",
    });
    let info = |me: Value| {
        let me: Me = serde_json::from_value(me).expect("a user");
        me.info(Some("other.pipedrive.com")).expect("a user")
    };
    let told = info(me.clone());
    assert_eq!(told.hostname.as_deref(), Some("acme.pipedrive.com"));
    assert_eq!(told.company.as_deref(), Some("5"));
    assert_eq!(told.zone, Zone::from_name("Europe/Berlin").ok());
    let mut bare = me;
    bare["company_domain"] = json!(null);
    assert_eq!(info(bare).hostname.as_deref(), Some("other.pipedrive.com"));
}
