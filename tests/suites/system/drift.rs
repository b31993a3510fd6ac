//! The folders of `functions/`, the names of `Interface` and the routes of template.yaml are one
//! and the same list.

use std::collections::BTreeSet;
use std::path::Path;

use daybook_api::interface::{Interface, SCHEDULED};
use daybook_local::template::{Route, TEMPLATE, Template};
use daybook_tests::runner::case;
use libtest_mimic::Trial;

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case(
            "drift::every_function_is_an_interface_or_scheduled",
            || async { functions() },
        ),
        case("drift::every_name_has_its_route", || async { routes() }),
    ]
}

fn functions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions");
    let folders: BTreeSet<String> = std::fs::read_dir(root)
        .expect("functions/ is there")
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    let served: BTreeSet<String> = Interface::ALL
        .map(Interface::function)
        .into_iter()
        .chain(SCHEDULED)
        .map(str::to_owned)
        .collect();
    let template = Template::parse(TEMPLATE).expect("readable");
    let deployed: BTreeSet<String> = template.functions.into_keys().collect();
    assert_eq!(folders, served);
    assert_eq!(deployed, served);
}

fn routes() {
    let template = Template::parse(TEMPLATE).expect("readable");
    for interface in Interface::ALL {
        let by_name = interface.direct_names().iter().map(|name| Route {
            method: "POST".to_owned(),
            path: format!("/interfaces/{{platform}}/{name}"),
        });
        let by_client = interface.client_route().map(|(method, path)| Route {
            method: method.to_string(),
            path: path.to_owned(),
        });
        let mut expected: Vec<Route> = by_name.chain(by_client).collect();
        expected.sort();
        assert_eq!(template.functions[interface.function()], expected);
    }
    for function in SCHEDULED {
        assert_eq!(template.functions[function], [], "nobody calls {function}");
    }
}
