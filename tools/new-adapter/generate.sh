#!/usr/bin/env bash
# Begins an adapter of the name that is given: code that compiles, a fake of the CRM, and a line in
# each list that has all CRMs. Either all of it is written or nothing.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
templates=tools/new-adapter

fail() {
    echo "$1" >&2
    exit 1
}

name=${1-}
[[ $name =~ ^[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*$ && ${#name} -le 30 ]] ||
    fail "NAME has at most 30 small letters and digits, and _ between words: NAME=acme_desk"
# Words of Rust, and what the modules that declare adapters and fakes have under these names.
taken="abstract alloc as async await become box break const continue core crate do dyn else enum
extern false final fmt fn for gen if impl in let loop macro match mod move mut override priv pub ref
return self static std struct super test trait true try type typeof union unsafe unsized use virtual
where while yield call futures_util reqwest secrecy url"
for word in $taken; do
    [[ $name != "$word" ]] || fail "NAME is a word that Rust or the code has for something else"
done

type='' title=''
IFS=_ read -ra words <<<"$name"
for word in "${words[@]}"; do
    type+=${word^}
    title+=" ${word^}"
done
title=${title# } id=${type,} var=${name^^} parameter=$type

adapter=shared/adapters/src/$name
declare -A files=(
    [adapter.rs]=$adapter.rs
    [config.rs]=$adapter/config.rs
    [users.rs]=$adapter/users.rs
    [contacts.rs]=$adapter/contacts.rs
    [message_logs.rs]=$adapter/message_logs.rs
    [call_logs.rs]=$adapter/call_logs.rs
    [README.md]=$adapter/README.md
    [fake.rs]=tests/fakes/src/$name.rs
    [platform_fake.rs]=tests/src/adapters/$name.rs
)
for file in "$adapter.rs" "$adapter" "${files[@]}" "tests/fakes/src/$name" "tests/src/adapters/$name"; do
    [[ ! -e $file ]] || fail "$file is there already: nothing was written"
done
! grep -rq "id: \"$id\"" shared/adapters/src ||
    fail "there is a platform $id already: nothing was written"

staged=$(mktemp -d)
trap 'rm -rf "$staged"' EXIT

# The rest of the line that begins with $2 in $1 stays; $3 comes before it. With $4 it is the first
# such line below that.
insert() {
    local from=$1
    [[ ! -e $staged/$1 ]] || from=$staged/$1
    mkdir -p "$staged/$(dirname "$1")"
    before=$2 text=$3 below=${4-} awk '
        BEGIN { before = ENVIRON["before"]; text = ENVIRON["text"]; below = ENVIRON["below"] }
        below != "" && $0 == below { below = "" }
        !done && below == "" && index($0, before) == 1 { print text; done = 1 }
        { print }
        END { exit !done }
    ' "$from" >"$staged/.next" || fail "$1 has no line that begins with: $2"
    mv "$staged/.next" "$staged/$1"
}

formatted() {
    rustfmt --edition 2024 <"$1" >"$staged/.next" || fail "rustfmt does not take $1"
    mv "$staged/.next" "$1"
}

for template in "${!files[@]}"; do
    file=$staged/${files[$template]}
    mkdir -p "$(dirname "$file")"
    sed -e "s/@name@/$name/g; s/@type@/$type/g; s/@id@/$id/g; s/@title@/$title/g; s/@VAR@/$var/g" \
        "$templates/$template.in" >"$file"
    case $file in *.rs) formatted "$file" ;; esac
done

insert shared/adapters/src/registry.rs "}" "    $name," "adapters! {"
insert tests/src/adapters.rs "}" "    $name," "fakes! {"
insert tests/fakes/src/lib.rs "mod example_crm;" "mod $name;"
insert tests/fakes/src/lib.rs "pub use example_crm::" "pub use $name::Fake$type;"
formatted "$staged/tests/fakes/src/lib.rs"
insert template.yaml "  AppServerSecretKey:" "  ${parameter}Url:
    Type: String
    Default: \"\"
    Description: The address of $title's API; empty where Platforms does not name $id.
  ${parameter}ClientId:
    Type: String
    Default: \"\"
    Description: Our id at $title; empty where Platforms does not name $id.
  ${parameter}ClientSecret:
    Type: String
    Default: \"\"
    NoEcho: true
    Description: The secret that belongs to that id.
  ${parameter}RedirectUrls:
    Type: String
    Default: \"\"
    Description: The addresses registered with it, separated by commas."
insert template.yaml "        APP_SERVER_SECRET_KEY:" "        ${var}_URL: !Ref ${parameter}Url
        ${var}_CLIENT_ID: !Ref ${parameter}ClientId
        ${var}_CLIENT_SECRET: !Ref ${parameter}ClientSecret
        ${var}_REDIRECT_URLS: !Ref ${parameter}RedirectUrls"
insert docs/configuration.md "| \`APP_SERVER_SECRET_KEY\`" \
    "| \`${var}_URL\` | the address of $title's API; only where \`PLATFORMS\` names \`$id\` | required then |
| \`${var}_CLIENT_ID\`, \`${var}_CLIENT_SECRET\` | our registration at $title | required then |
| \`${var}_REDIRECT_URLS\` | the addresses registered with it, separated by commas | required then |"

rm -f "$staged/.next"
cp -R "$staged/." .
echo "The adapter $id begins in $adapter.rs, its fake in tests/fakes/src/$name.rs. What is missing:"
echo "    cargo test --workspace --test behaviour $id"
