//! Profiles, and where values come from.

use std::fs;

use super::{SHIPPED_DEFAULT, check, over_default};
use crate::config::load::load_texts;
use crate::config::{Posture, Profile, settings};

#[test]
fn production_is_kept_from_loss_and_an_environment_may_differ() {
    let config = over_default("profile = \"production\"\n[database]\nbackup_retention_days = 14\n").unwrap();
    assert_eq!((config.profile, config.security.posture), (Profile::Production, Posture::Strict));
    assert!(
        config.database.multi_az && config.database.deletion_protection && config.alb.deletion_protection
    );
    assert_eq!(config.database.backup_retention_days, 14, "the environment's own value wins");
    assert_eq!(config.database.identifier, "sidekick-postgres", "the profile has no value for it");
}

#[test]
fn without_a_profile_the_default_file_counts() {
    let config = over_default("").unwrap();
    assert_eq!(config.profile, Profile::Dev);
    assert!(!config.database.multi_az && config.advice().is_empty());
    let older = SHIPPED_DEFAULT.replace("profile = \"dev\"\n", "");
    assert_eq!(load_texts("test", &older, "").unwrap(), config);
}

#[test]
fn the_default_file_can_choose_the_profile_of_all_environments() {
    let default = SHIPPED_DEFAULT.replace("profile = \"dev\"", "profile = \"production\"");
    assert!(load_texts("test", &default, "").unwrap().database.multi_az);
    assert!(!load_texts("test", &default, "profile = \"dev\"").unwrap().database.multi_az);
}

#[test]
fn a_profile_that_there_is_not_is_refused_where_it_is_named() {
    check(&[
        ("profile = \"prod\"", 1, "profile", "use one of \"dev\", \"production\""),
        ("\nprofile = 3", 2, "profile", "a number stands where a string is needed"),
    ]);
}

#[test]
fn what_is_not_as_expected_of_production_is_advised_on_and_not_refused() {
    let digest = "a".repeat(64);
    let sound = format!(
        "profile = \"production\"\n[alb]\n\
         certificate_arn = \"arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012\"\n\
         [service]\ndesired_count = 2\nimage = \"ghcr.io/0xsequence/sidekick@sha256:{digest}\"\n"
    );
    assert_eq!(over_default(&sound).unwrap().advice(), [""; 0]);
    let lax =
        over_default(&format!("{sound}[database]\nmulti_az = false\n[secrets]\nrecovery_window_days = 0\n"));
    let advice = lax.unwrap().advice();
    let about = |key: &str| advice.iter().any(|advice| advice.contains(key));
    assert!(advice.len() == 2 && about("database.multi_az") && about("recovery_window_days"), "{advice:?}");
}

#[test]
fn what_the_application_of_today_cannot_do_with_is_told_for_every_profile() {
    let cautions = |own: &str| over_default(own).unwrap().cautions();
    assert_eq!(cautions(""), [""; 0]);
    let encrypted = cautions("[cache]\ntransit_encryption = true\n");
    assert!(encrypted.len() == 1 && encrypted[0].contains("speak TLS"), "{encrypted:?}");
    let token = over_default("[cache]\ntransit_encryption = true\nauth_token = true\n").unwrap();
    assert!(token.cautions().len() == 2 && token.advice() == token.cautions(), "{:?}", token.advice());
}

#[test]
fn an_allow_list_that_nobody_who_is_let_in_is_on_is_told() {
    let cautions = |own: &str| over_default(own).unwrap().cautions();
    let vpc = over_default("").unwrap().network.vpc_cidr;
    let public = "[public_alb]\nenabled = true\nallowed_cidrs = [\"203.0.113.0/24\"]\n";
    let none = cautions(&format!("[waf]\nallow_list = [\"198.51.100.0/24\"]\n{public}"));
    assert!(none.len() == 2 && none[0].contains("internal") && none[1].contains("public_alb"), "{none:?}");
    let inside = cautions(&format!("[waf]\nallow_list = [\"{vpc}\"]\n"));
    assert_eq!(inside, [""; 0]);
    let both = cautions(&format!("[waf]\nallow_list = [\"{vpc}\", \"203.0.113.7/32\"]\n{public}"));
    assert_eq!(both, [""; 0]);
}

#[test]
fn each_value_has_its_origin_and_the_project_s_name_in_it() {
    let folder = std::env::temp_dir().join(format!("sidekick-settings-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("default.toml"), SHIPPED_DEFAULT).unwrap();
    fs::write(
        folder.join("own.toml"),
        "name = \"mine\"\nprofile = \"production\"\n[logs]\nretention_days = 7\n",
    )
    .unwrap();
    let settings = settings(&folder, "own");
    fs::remove_dir_all(&folder).unwrap();
    let settings = settings.unwrap();
    let origin = |path: &str| {
        let setting = settings.iter().find(|setting| setting.path == path).expect("it is set");
        let file =
            setting.origin.as_deref().and_then(|file| file.rsplit('/').next()).unwrap_or_default().to_owned();
        (setting.value.to_string(), file, setting.line)
    };
    assert_eq!(origin("logs.retention_days"), ("7".to_owned(), "own.toml".to_owned(), Some(4)));
    assert_eq!(origin("cache.multi_az").0, "true");
    assert_eq!(origin("cache.multi_az").1, "profile production");
    let (name, file, _) = origin("cache.replication_group");
    assert_eq!((name.as_str(), file.as_str()), ("\"mine-redis\"", "default.toml"));
}
