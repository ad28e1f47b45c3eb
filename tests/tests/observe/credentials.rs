//! Credentials, region and endpoint are found in the AWS CLI's order (AWS CLI user guide, "Configuration precedence",
//! "Environment variables", "Using endpoints"), with `[stack] region` between the variables and the profile.
use crate::stage::REGION;
use e2e::{
    fault_proxy::{FaultProxy, Request},
    kit,
    moto::Moto,
};
use std::{fs, process::Command};
use tempfile::TempDir;

const CONFIG_FILE: &str = "
[default]
region = us-east-2
[profile dev]
region = us-west-2
[profile empty]
region = us-west-1
[profile process]
credential_process = /bin/sh -c 'echo {\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"PROCESS\\\",\\\"SecretAccessKey\\\":\\\"x\\\"}'
[profile from-dev]
role_arn = arn:aws:iam::123456789012:role/ci
source_profile = dev
[profile from-variables]
role_arn = arn:aws:iam::123456789012:role/ci
credential_source = Environment
[profile elsewhere]
endpoint_url = SECOND
[profile services]
endpoint_url = FIRST
services = here
[services here]
sts =
  endpoint_url = SECOND
";

const CREDENTIALS_FILE: &str = "
[default]
aws_access_key_id = DEFAULT
aws_secret_access_key = x
[dev]
aws_access_key_id = DEV
aws_secret_access_key = x
[elsewhere]
aws_access_key_id = ELSEWHERE
aws_secret_access_key = x
[services]
aws_access_key_id = SERVICES
aws_secret_access_key = x
";

/// A folder with the AWS configuration files, and a cloud behind two endpoints.
struct Desk {
    folder: TempDir,
    proxies: [FaultProxy; 2],
    _moto: Moto,
}

/// What came of a command: what was printed on standard error, and the first request with the number of its endpoint.
struct Met {
    code: Option<i32>,
    said: String,
    first: Option<(usize, Request)>,
}

const KEYS: &[(&str, &str)] = &[("AWS_ACCESS_KEY_ID", "VARIABLE"), ("AWS_SECRET_ACCESS_KEY", "x")];

const CONFIGURATION: &str =
    "name = \"shop\"\n[destination.live]\ntype = \"cloudwatch_logs\"\n[[route]]\nname = \"rest\"\nto = \"live\"\n";

impl Desk {
    fn new() -> Desk {
        let moto = Moto::start();
        let proxies = [(); 2].map(|()| FaultProxy::start(moto.address).unwrap());
        let desk = Desk { folder: TempDir::new().unwrap(), proxies, _moto: moto };
        desk.write("config", CONFIG_FILE);
        desk.write("credentials", CREDENTIALS_FILE);
        desk.write("token", "a token");
        desk.write("firelens.toml", CONFIGURATION);
        desk
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), self.filled(text)).unwrap();
    }

    /// With the endpoints' addresses, and the paths of files.
    fn filled(&self, text: &str) -> String {
        let [first, second] = self.proxies.each_ref().map(FaultProxy::url);
        let token = self.folder.path().join("token");
        text.replace("FIRST", &first).replace("SECOND", &second).replace("TOKEN", token.to_str().unwrap())
    }

    /// Runs a verb that first asks who we are.
    fn run(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Met {
        self.proxies.iter().for_each(FaultProxy::forget);
        let mut command: Command = kit::command();
        let path = |name| self.folder.path().join(name);
        command.current_dir(self.folder.path()).args(["policy", "deployer"]);
        command.env("AWS_CONFIG_FILE", path("config")).env("AWS_SHARED_CREDENTIALS_FILE", path("credentials"));
        command.env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_MAX_ATTEMPTS", "1");
        command.args(arguments.iter().map(|argument| self.filled(argument)));
        command.envs(variables.iter().map(|(name, value)| (name, self.filled(value))));
        let output = command.output().unwrap();
        let requests = self.proxies.iter().enumerate();
        let first = requests.filter_map(|(number, proxy)| Some((number, proxy.requests().into_iter().next()?))).next();
        Met { code: output.status.code(), said: String::from_utf8(output.stderr).unwrap(), first }
    }
}

impl Met {
    /// Who made the first request, and in which region: `VARIABLE eu-west-1 sts:GetCallerIdentity`.
    fn scope(&self) -> String {
        let Some((_, request)) = &self.first else { return format!("no request: {}", self.said) };
        let signature = request.head.header("authorization").unwrap_or_default();
        let scope = signature.split("Credential=").nth(1).unwrap_or("nobody//nowhere");
        let mut parts = scope.split('/');
        let (key, region) = (parts.next().unwrap_or_default(), parts.nth(1).unwrap_or_default());
        format!("{key} {region} {}", request.call)
    }
}

const HERE: (&str, &str) = ("AWS_ENDPOINT_URL", "FIRST");
const TOKEN: [(&str, &str); 2] =
    [("AWS_WEB_IDENTITY_TOKEN_FILE", "TOKEN"), ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ci")];

#[test]
fn credentials_are_found_in_the_order_of_the_aws_cli() {
    let desk = Desk::new();
    let profile = |name| [("AWS_PROFILE", name)];
    let with_keys = |more: &[(&'static str, &'static str)]| [KEYS, more].concat();
    let cases = [
        // The variables come before the default profile, and before AWS_PROFILE, but not before --profile.
        (with_keys(&[]), &[][..], "VARIABLE eu-west-1 sts:GetCallerIdentity"),
        (with_keys(&profile("dev")), &[], "VARIABLE eu-west-1 sts:GetCallerIdentity"),
        (with_keys(&[]), &["--profile", "dev"], "DEV eu-west-1 sts:GetCallerIdentity"),
        (with_keys(&[]), &["--profile", "default"], "DEFAULT eu-west-1 sts:GetCallerIdentity"),
        (with_keys(&profile("nowhere")), &["--profile", "dev"], "DEV eu-west-1 sts:GetCallerIdentity"),
        (with_keys(&[]), &["--profile", "process"], "PROCESS eu-west-1 sts:GetCallerIdentity"),
        (vec![], &[], "DEFAULT eu-west-1 sts:GetCallerIdentity"),
        (profile("").into(), &[], "DEFAULT eu-west-1 sts:GetCallerIdentity"),
        (profile("dev").into(), &[], "DEV eu-west-1 sts:GetCallerIdentity"),
        (profile("process").into(), &["--profile", "dev"], "DEV eu-west-1 sts:GetCallerIdentity"),
        // A profile that takes a role: first as whom it names.
        (with_keys(&[]), &["--profile", "from-dev"], "DEV eu-west-1 sts:AssumeRole"),
        (with_keys(&[]), &["--profile", "from-variables"], "VARIABLE eu-west-1 sts:AssumeRole"),
        (with_keys(&[]), &["--assume-role", "arn:aws:iam::123456789012:role/ci"], "VARIABLE eu-west-1 sts:AssumeRole"),
        // A pipeline's token comes before the keys of a profile, but not before a role of the profile, nor before --profile.
        (TOKEN.into(), &[], "nobody nowhere sts:AssumeRoleWithWebIdentity"),
        ([TOKEN.as_slice(), &profile("dev")].concat(), &[], "nobody nowhere sts:AssumeRoleWithWebIdentity"),
        ([TOKEN.as_slice(), &profile("from-dev")].concat(), &[], "DEV eu-west-1 sts:AssumeRole"),
        (TOKEN.into(), &["--profile", "dev"], "DEV eu-west-1 sts:GetCallerIdentity"),
        (with_keys(&TOKEN), &[], "VARIABLE eu-west-1 sts:GetCallerIdentity"),
    ];
    for (variables, arguments, expected) in cases {
        let all = [variables.as_slice(), &[HERE, ("AWS_REGION", REGION)]].concat();
        let met = desk.run(&all, arguments);
        assert_eq!(met.scope(), expected, "{variables:?} {arguments:?}: {}", met.said);
    }
}

#[test]
fn a_profile_that_does_not_exist_is_named_and_nobody_is_asked() {
    let desk = Desk::new();
    let known =
        "help: profiles: `default`, `dev`, `elsewhere`, `empty`, `from-dev`, `from-variables`, `process`, `services`";
    for (variable, arguments, source) in [
        ("", &["--profile", "produktion"][..], "--profile"),
        ("produktion", &[], "AWS_PROFILE"),
        ("dev", &["--profile", "produktion"], "--profile"),
    ] {
        let variables = [KEYS, &[HERE, ("AWS_REGION", REGION), ("AWS_PROFILE", variable)]].concat();
        let met = desk.run(&variables, arguments);
        let told = format!("error: no profile `produktion` ({source}) in ");
        assert!(met.code == Some(2) && met.said.contains(&told) && met.said.contains(known), "{}", met.said);
        assert!(met.first.is_none(), "{}", met.scope());
    }
    let none = [HERE, ("AWS_CONFIG_FILE", "/dev/null"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")];
    let met = desk.run(&none, &["--profile", "dev"]);
    assert!(met.said.contains("no profile `dev`") && met.said.contains("help: there are no profiles"), "{}", met.said);
}

#[test]
fn half_a_key_in_the_variables_is_an_error() {
    let desk = Desk::new();
    for (given, missing) in
        [("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")]
    {
        let met = desk.run(&[HERE, ("AWS_REGION", REGION), (given, "x")], &[]);
        let told = format!("{given} is set, but {missing} is not");
        // The AWS CLI passes over a secret without a key.
        match given {
            "AWS_ACCESS_KEY_ID" => assert!(met.code == Some(2) && met.said.contains(&told), "{}", met.said),
            _ => assert_eq!(met.scope(), "DEFAULT eu-west-1 sts:GetCallerIdentity"),
        }
    }
}

/// What is wrong with the profile that was asked for is said, and nothing else is tried in its place.
#[test]
fn a_profile_without_credentials_is_an_error() {
    let desk = Desk::new();
    let met = desk.run(&[KEYS, &[HERE]].concat(), &["--profile", "empty"]);
    assert!(met.code == Some(2) && met.said.contains("`empty`"), "{}", met.said);
    assert!(met.first.is_none(), "{}", met.scope());
}

#[test]
fn the_region_is_found_in_the_documented_order() {
    let desk = Desk::new();
    let stack = format!("{CONFIGURATION}\n[stack]\nregion = \"eu-north-1\"\n");
    let (first, second) = (("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "eu-west-2"));
    let cases = [
        (&[first, second][..], &["--region", "eu-south-1", "--profile", "dev"][..], true, "eu-south-1"),
        (&[first, second], &["--profile", "dev"], true, "eu-west-1"),
        (&[second], &["--profile", "dev"], true, "eu-west-2"),
        (&[("AWS_REGION", ""), second], &["--profile", "dev"], true, "eu-west-2"),
        (&[], &["--profile", "dev"], true, "eu-north-1"),
        (&[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "")], &["--profile", "dev"], true, "eu-north-1"),
        (&[first], &["--profile", "dev"], false, "eu-west-1"),
        (&[], &["--profile", "dev"], false, "us-west-2"),
        (&[("AWS_PROFILE", "dev")], &[], false, "us-west-2"),
        (&[], &[], false, "us-east-2"),
    ];
    for (variables, arguments, in_stack, region) in cases {
        desk.write("firelens.toml", if in_stack { &stack } else { CONFIGURATION });
        let met = desk.run(&[&[HERE], variables].concat(), arguments);
        let scope = met.scope();
        assert_eq!(scope.split(' ').nth(1), Some(region), "{variables:?} {arguments:?}: {scope} {}", met.said);
    }
    desk.write("firelens.toml", CONFIGURATION);
    let met = desk.run(&[KEYS, &[HERE]].concat(), &["--profile", "process"]);
    assert!(met.code == Some(2) && met.said.contains("no AWS region"), "{}", met.said);
}

/// Whoever is in another region than the file says is told, from which option or variable it is, before anything is done.
#[test]
fn a_region_that_differs_from_the_stacks_is_said_first() {
    let desk = Desk::new();
    desk.write("firelens.toml", &format!("{CONFIGURATION}\n[stack]\nregion = \"eu-north-1\"\n"));
    for (variables, arguments, source) in [
        (&[][..], &["--region", "eu-west-1"][..], "--region"),
        (&[("AWS_REGION", "eu-west-1")], &[], "AWS_REGION"),
        (&[("AWS_DEFAULT_REGION", "eu-west-1")], &[], "AWS_DEFAULT_REGION"),
    ] {
        let met = desk.run(&[KEYS, &[HERE], variables].concat(), arguments);
        let told =
            format!("warning: using region eu-west-1 from {source}; firelens.toml has [stack] region = \"eu-north-1\"");
        assert!(met.said.starts_with(&told), "{}", met.said);
    }
    for (variables, arguments) in
        [(&[][..], &["--region", "eu-north-1"][..]), (&[], &[]), (&[("AWS_PROFILE", "dev")], &[])]
    {
        let met = desk.run(&[KEYS, &[HERE], variables].concat(), arguments);
        assert!(met.code == Some(0) && !met.said.contains("using region"), "{}", met.said);
    }
}

#[test]
fn the_endpoint_is_found_in_the_order_of_the_aws_cli() {
    let desk = Desk::new();
    let ignored = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    let (all, of_sts) = (("AWS_ENDPOINT_URL", "FIRST"), ("AWS_ENDPOINT_URL_STS", "SECOND"));
    let cases = [
        (&[all, of_sts][..], &["--endpoint-url", "FIRST"][..], Some(0)),
        (&[all, of_sts], &[], Some(1)),
        (&[all], &["--profile", "elsewhere"], Some(0)),
        (&[all], &["--profile", "services"], Some(0)),
        (&[], &["--profile", "elsewhere"], Some(1)),
        (&[("AWS_PROFILE", "elsewhere")], &[], Some(1)),
        (&[], &["--profile", "services"], Some(1)),
        (&[ignored, of_sts], &["--endpoint-url", "FIRST", "--profile", "dev"], Some(0)),
        (&[ignored, all, of_sts], &["--profile", "services"], None),
    ];
    for (variables, arguments, expected) in cases {
        // A region that is nowhere: a request that is made to AWS itself ends soon.
        let met = desk.run(&[variables, &[("AWS_REGION", "xx-nowhere-1")]].concat(), arguments);
        let found = met.first.as_ref().map(|(number, _)| *number);
        assert_eq!(found, expected, "{variables:?} {arguments:?}: {}", met.said);
    }
}
