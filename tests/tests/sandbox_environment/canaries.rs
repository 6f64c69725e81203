//! Canary secrets: known values wherever a secret may come from, every command with the finest log, and a search of
//! every byte that was written anywhere.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::json;
use sidekick_tests::binary::Running;

use crate::nest::{ACCESS_KEY, API_KEY, DATABASE, EDITED, Nest, PASSWORD, REDIS, TOKEN};
use crate::{Shown, trials};

trials![
    no_run_for_people_leaves_a_secret_anywhere,
    no_run_for_logs_leaves_a_secret_anywhere,
    no_run_for_programs_leaves_a_secret_anywhere,
    wrong_input_is_told_without_the_secret_in_it,
    a_file_of_secrets_in_the_wrong_place_is_not_repeated,
    a_stored_value_that_is_no_object_is_told_without_it,
    credentials_of_aws_that_cannot_be_used_are_told_without_them,
];

/// The secret of an access key, or a password at an endpoint.
const CREDENTIAL: &str = "canary-credential-8f31d07b";
const IMAGE: &str = "sidekick:wip-aws-infra";

fn no_run_for_people_leaves_a_secret_anywhere() -> Shown {
    leaves_no_secret("human")
}

fn no_run_for_logs_leaves_a_secret_anywhere() -> Shown {
    leaves_no_secret("plain")
}

fn no_run_for_programs_leaves_a_secret_anywhere() -> Shown {
    leaves_no_secret("json")
}

/// An environment's whole life, with every command, good ends and bad ones.
fn leaves_no_secret(form: &'static str) -> Shown {
    let mut nest = Nest::new(form)?;
    nest.run("validate").ends_with(0)?;
    nest.run("plan --out first.plan").ends_with(0)?;
    comes_up(&nest)?;
    nest.learns_generated()?;
    let stored = nest.value("sidekick/app/credentials")?;
    assert_eq!(stored["SEQUENCE_PROJECT_ACCESS_KEY"], ACCESS_KEY, "it arrives as it was written");
    assert_eq!(stored["SIDEKICK_API_SECRET_KEY"], API_KEY);
    is_looked_at(&nest)?;
    changes(&mut nest)?;
    fails(&nest)?;
    is_served(&nest)?;
    goes_and_comes_back(&nest)?;

    nest.has_secrets_only_where_they_were_written()
}

/// The first run is killed and the second one interrupted, both while they create.
fn comes_up(nest: &Nest) -> Shown {
    let mut killed = nest.run("up --yes").start()?;
    killed.wait_until(is_creating)?;
    nest.looks_at(&killed)?;
    let killed = killed.kill()?;
    assert_eq!(killed.code, None, "it was under way:\n{killed}");
    let mut interrupted = nest.run("up --yes").start()?;
    interrupted.wait_until(is_creating)?;
    interrupted.signal("INT")?;
    let interrupted = interrupted.end()?;
    assert_eq!(interrupted.code, Some(130), "{interrupted}");
    nest.run("up --plan first.plan").ends_with(2)?;
    nest.run("up --yes").ends_with(0)?;
    nest.run("up --yes").ends_with(0)?;
    Ok(())
}

/// Whether a run has begun to create, in any form of output.
fn is_creating(printed: &str) -> bool {
    let tells = |line: &&str| line.contains("creating") || line.contains("\"started\"");
    printed.lines().filter(tells).count() > 3
}

fn is_looked_at(nest: &Nest) -> Shown {
    for command in [
        "status",
        "outputs",
        "outputs postgres_secret_arn",
        "state list",
        "plan",
        "report",
        "graph -o graph.svg",
    ] {
        nest.run(command).end()?;
    }
    for address in nest.desk.recorded()? {
        nest.run(&format!("state show {address}")).ends_with(0)?;
    }
    Ok(())
}

/// The operator writes another value into the secrets file, and somebody else other passwords into Secrets Manager.
fn changes(nest: &mut Nest) -> Shown {
    nest.write_secrets(EDITED)?;
    nest.rotate(DATABASE, PASSWORD)?;
    nest.rotate(REDIS, TOKEN)?;
    nest.run("plan --out second.plan").ends_with(0)?;
    nest.run("up --plan second.plan").ends_with(0)?;
    assert_eq!(nest.value("sidekick/app/credentials")?["SEQUENCE_PROJECT_ACCESS_KEY"], EDITED);
    nest.learns_url()
}

/// A rollout that cannot succeed.
fn fails(nest: &Nest) -> Shown {
    nest.desk.place.edit("default.toml", IMAGE, "sidekick:does-not-exist")?;
    nest.run("up --yes").ends_with(1)?;
    nest.run("status").ends_with(1)?;
    nest.desk.place.edit("default.toml", "sidekick:does-not-exist", IMAGE)?;
    nest.run("up --yes").ends_with(0)?;
    Ok(())
}

/// A client reads a secret from the served sandbox, which says nothing of it to anybody else.
fn is_served(nest: &Nest) -> Shown {
    let mut server = nest.run("sandbox serve --port 0").start()?;
    let answer = ask(&mut server, &json!({ "SecretId": "sidekick/app/credentials" }).to_string())?;
    assert!(nest.finds(&answer, "the project's access key, edited"), "the client is given it");
    let refused = ask(&mut server, &json!({ "SecretId": EDITED }).to_string())?;
    assert!(refused.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&refused));
    server.signal("INT")?;
    let ended = server.end()?;
    assert_eq!(ended.code, Some(0), "{ended}");
    Ok(())
}

/// What the server answers to `GetSecretValue` with these parameters.
fn ask(server: &mut Running, parameters: &str) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let address = |printed: &str| {
        let (_, rest) = printed.split_once("http://")?;
        Some(rest.split(|c: char| c != '.' && c != ':' && !c.is_ascii_digit()).next()?.to_owned())
    };
    let printed = server.wait_until(|printed| printed.contains('\n') && address(printed).is_some())?;
    let mut connection = TcpStream::connect(address(&printed).ok_or("an address")?)?;
    write!(
        connection,
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Amz-Target: secretsmanager.GetSecretValue\r\n\
         Content-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential=K/20260101/us-west-2/secretsmanager/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n{parameters}",
        parameters.len()
    )?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer)?;
    Ok(answer)
}

/// The secrets outlive `down`, so the next database and cache are made with the known passwords: the one run in which
/// all of them go through `sidekick`. It is watched all the time.
fn goes_and_comes_back(nest: &Nest) -> Shown {
    let mut killed = nest.run("down --yes").start()?;
    killed.wait_until(|printed| printed.contains("deleting") || printed.contains("\"started\""))?;
    killed.kill()?;
    nest.run("down --yes").ends_with(0)?;
    let up = nest.run("up --yes").start()?.watched(|run| nest.looks_at(run))?;
    assert_eq!(up.code, Some(0), "{up}");
    nest.was_seen_at_work(&up);
    assert_eq!(nest.value(DATABASE)?["password"], PASSWORD, "it came back");
    nest.run("down --yes").ends_with(0)?;
    Ok(())
}

fn wrong_input_is_told_without_the_secret_in_it() -> Shown {
    let mut nest = Nest::new("plain")?;
    let value = ACCESS_KEY.replace(['"', '\'', '\\', ' '], "");
    nest.learns(&value);
    let file = nest.desk.place.path("wrong.env");
    for lines in [
        format!("SEQUENCE_PROJECT_ACCESS_KEY=\"{value}\n"),
        format!("SEQUENCE_PROJECT_ACCESS_KEY={value} {value}\n"),
        format!("SEQUENCE_PROJECT_ACCESS_KEY=$HOME{value}\n"),
        format!("SEQUENCE_PROJECT_ACCESS_KEY=\"\n$HOME{value}\"\n"),
        format!("SEQUENCE_PROJECT_ACCESS_KEY : {value}\n"),
        format!("SEQUENCE_KEY={value}\nOTHER='{value}'\n"),
        format!("{value}=\n"),
        format!("{value}\n"),
    ] {
        fs::write(&file, &lines)?;
        for form in ["plain", "json"] {
            let run = nest.desk.run(&format!("--output {form} up --yes --secrets-file wrong.env"));
            let told = run.with("SIDEKICK_LOG", "trace").ends_with(2)?.says(&["wrong.env"])?;
            nest.is_told_nothing_by(&told);
        }
    }
    // A secret that was written into the configuration, well or badly.
    let file = nest.desk.place.path("config/dev.toml");
    let sound = fs::read_to_string(&file)?;
    for table in [
        format!("[app.environment]\nSIDEKICK_API_SECRET_KEY = \"{value}\""),
        format!("[app.environment]\nSIDEKICK_API_SECRET_KEY = {value}"),
        format!("[app]\noptional_secrets = [\"SIDEKICK_API_SECRET_KEY={value}\"]"),
        format!("[database]\npassword = \"{value}\""),
    ] {
        fs::write(&file, format!("{sound}\n{table}\n"))?;
        for command in ["validate", "up --yes", "--output json plan"] {
            let run = nest.desk.run(command).with("SIDEKICK_LOG", "trace");
            nest.is_told_nothing_by(&run.ends_with(2)?.says(&["dev.toml"])?);
        }
    }
    Ok(())
}

/// A file with secrets is given for a plan, or for the state.
fn a_file_of_secrets_in_the_wrong_place_is_not_repeated() -> Shown {
    let nest = Nest::new("plain")?;
    fs::write(nest.desk.place.path("text.json"), json!(ACCESS_KEY).to_string())?;
    fs::write(nest.desk.place.path("list.json"), json!([ACCESS_KEY]).to_string())?;
    let fields = json!({ "stack": "x", "lineage": ACCESS_KEY, "plan": ACCESS_KEY, "format": API_KEY });
    fs::write(nest.desk.place.path("fields.json"), fields.to_string())?;
    let fields = json!({ "format": 1, "written_by": "x", "lineage": ACCESS_KEY, "rows": API_KEY });
    fs::write(nest.desk.place.path("rows.json"), fields.to_string())?;
    for file in ["secrets.env", "text.json", "list.json", "fields.json", "rows.json"] {
        for command in ["up --plan", "up --yes --state", "down --yes --state", "state list --state"] {
            let run = nest.run(&format!("{command} {file}")).end()?;
            nest.is_told_nothing_by(&run);
            assert_ne!(run.code, Some(0), "{run}");
        }
    }
    Ok(())
}

fn a_stored_value_that_is_no_object_is_told_without_it() -> Shown {
    let nest = Nest::new("plain")?;
    nest.run("up --yes").ends_with(0)?;
    for text in [ACCESS_KEY, &json!(ACCESS_KEY).to_string(), &json!([ACCESS_KEY]).to_string()] {
        nest.store("sidekick/app/credentials", text)?;
        for command in ["plan", "up --yes", "status"] {
            let told = nest.run(command).end()?;
            assert_ne!(told.code, Some(0), "{told}");
            told.says(&["the value of", "is not a JSON object"])?;
        }
    }
    nest.has_secrets_only_where_they_were_written()
}

/// In the address of the endpoint, and in a file that cannot be read. Nobody listens at the endpoint.
fn credentials_of_aws_that_cannot_be_used_are_told_without_them() -> Shown {
    let mut nest = Nest::new("plain")?;
    nest.learns(CREDENTIAL);
    let endpoint = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://user:{CREDENTIAL}@{}", endpoint.local_addr()?);
    drop(endpoint);
    let sound = format!("[default]\naws_access_key_id = AKIA\naws_secret_access_key = {CREDENTIAL}\n");
    for credentials in [
        sound.clone(),
        sound.replace("aws_secret_access_key = ", "aws_secret_access_key "),
        sound.replace("aws_secret_access_key = ", " "),
        format!("[default]\n{CREDENTIAL}\n"),
        format!("[{CREDENTIAL}\n"),
    ] {
        fs::write(nest.desk.place.path("credentials"), credentials)?;
        for form in ["plain", "json"] {
            let run = nest.desk.place.sidekick(&["--output", form, "plan"]).with("SIDEKICK_LOG", "trace");
            let run = run.with("AWS_ENDPOINT_URL", &address).with("AWS_EC2_METADATA_DISABLED", "true");
            let run = run.with("AWS_SHARED_CREDENTIALS_FILE", "credentials");
            nest.is_told_nothing_by(&run.ends_with(1)?.says(&["hint: "])?);
        }
    }
    Ok(())
}
