//! From `firelens.toml` and a base image to the router's image. The release that the base says it has decides what is
//! rendered.
use crate::{
    Error, Ui,
    aws::AwsArgs,
    check::{checked, warnings},
    config,
    config::Config,
    offline::setup::DEFAULT_CONFIG,
    pipeline,
};
use firelens_oci::{self as oci, Base, File, Image, Options, Platform, RegistryAuth, Source, Volume};
use firelens_pipeline::{
    self as fluent_bit, Image as Reference, Pipeline,
    pipeline::{CONFIG_PATH, MODULE_PATH, PARSERS_PATH, STORAGE_PATH},
};
use serde_json::{Value, json};
use std::path::PathBuf;

pub mod progress;
pub mod registry;

/// What an image is made of.
#[derive(Debug, Clone, clap::Args)]
pub struct Request {
    /// The configuration
    #[arg(short, long, value_name = "FILE", default_value = DEFAULT_CONFIG)]
    pub config: PathBuf,
    #[allow(rustdoc::broken_intra_doc_links, reason = "it is the option's help")]
    /// The base image: a reference, oci:DIR[:TAG] or docker-archive:FILE; without it, the image in [router]
    #[arg(long, value_name = "IMAGE")]
    pub base: Option<String>,
    /// A platform, linux/amd64 or linux/arm64; without it, both, if the base has them
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',')]
    pub platform: Vec<Platform>,
}

/// The image, before any layer is moved. What is to be known about the base is said. What is wrong with the configuration is said
/// before the base's registry is asked for anything.
pub async fn build(request: &Request, aws: &AwsArgs, ui: &Ui) -> Result<Built, Error> {
    request.offline(ui)?;
    on_base(request, aws, ui).await
}

/// The same, of a configuration that was checked as far as it can be without the base.
pub async fn on_base(request: &Request, aws: &AwsArgs, ui: &Ui) -> Result<Built, Error> {
    let source = request.source(ui)?;
    let auth = match source.registry() {
        Some(name) => registry::auth(name, aws).await?,
        None => RegistryAuth::Anonymous,
    };
    let built = request.build(&source, auth, ui).await?;
    built.notes().iter().for_each(|note| ui.note(note));
    Ok(built)
}

/// An image that is known down to its digest, while the base's layers are still where they were.
#[derive(Debug, Clone)]
pub struct Built {
    /// The configuration, read for the base's release.
    pub config: Config,
    pub pipeline: Pipeline,
    pub base: Base,
    /// The usual platforms that the base does not have, unless some were asked for.
    pub missing: Vec<Platform>,
    pub image: Image,
}

impl Request {
    /// The base that is wanted.
    ///
    /// # Errors
    /// When the configuration cannot be read, or names none.
    pub fn source(&self, ui: &Ui) -> Result<Source, Error> {
        if let Some(base) = &self.base {
            return Ok(Source::parse(base)?);
        }
        let image = config::router_image(&self.config)?.unwrap_or_else(|| Reference::DEFAULT.to_string());
        match oci::Reference::parse(&image) {
            Ok(reference) => Ok(Source::Registry(reference)),
            // Reading the whole file shows the place.
            Err(error) => config::load(&self.config, ui).and(Err(error.into())),
        }
    }

    /// The configuration, checked before AWS or a registry is asked for anything. There is none if what is right depends on the
    /// base's release, and its name does not tell which one that is. Warnings are left to [`Request::build`].
    ///
    /// # Errors
    /// A wrong configuration.
    pub fn offline(&self, ui: &Ui) -> Result<Option<Config>, Error> {
        let base = self.base.as_deref().map(Reference::parse);
        let (known, base) = match &base {
            Some(Ok(base)) => (base.version.is_some(), Some(base)),
            Some(Err(_)) => (false, None),
            None => (true, None),
        };
        if !known {
            return config::check_without_release(&self.config, ui).map(|()| None);
        }
        let (config, _) = config::read_on(&self.config, base, ui)?;
        let router = &config.router;
        if router.image.version.is_none() && router.places.fluent_bit.is_none() {
            return Ok(None);
        }
        warnings(&config, ui)?;
        Ok(Some(config))
    }

    /// Reads the base, renders for its release, and puts both together. `auth` is who we are in the base's registry.
    ///
    /// # Errors
    /// A wrong configuration, or a base that cannot be read or does not fit.
    pub async fn build(&self, source: &Source, auth: RegistryAuth, ui: &Ui) -> Result<Built, Error> {
        let wanted = if self.platform.is_empty() { Platform::usual() } else { self.platform.clone() };
        let endpoint = source.registry().and_then(registry::endpoint);
        let base = Base::open(source, &wanted, auth, endpoint.as_deref()).await?;
        let has = |platform: &Platform| base.platforms.iter().any(|on| on.platform == *platform);
        let missing: Vec<Platform> = wanted.iter().filter(|wanted| !has(wanted)).cloned().collect();
        if let Some(missing) = missing.first().filter(|_| !self.platform.is_empty()) {
            return Err(Error::new(format!("{source} is not for {missing}")));
        }
        let config = config::load_on(&self.config, Some(&inside(&base)?), ui)?;
        checked(&config, ui)?;
        let pipeline = pipeline::pipeline(&config);
        // What is mounted there belongs to root otherwise.
        let volume = pipeline.router.user.map(|owner| Volume { path: STORAGE_PATH.to_string(), owner });
        let options = Options { title: title(&config), fluent_bit: pipeline.version, volume };
        let image = Image::assemble(&base, &files(&config, &pipeline)?, &options)?;
        Ok(Built { config, pipeline, base, missing, image })
    }
}

/// The base as the configuration's rules see it: a fixed image, with the release that its labels say, or else the one that
/// is known from its name.
fn inside(base: &Base) -> Result<Reference, Error> {
    let name = base.source.to_string();
    let known = base.name.as_ref().and_then(|name| Reference::parse(name).ok());
    let label = base.fluent_bit()?;
    let (version, exact) = match (label, &known) {
        (Some(version), _) => (Some(version), true),
        (None, Some(known)) => (known.version, known.exact),
        (None, None) => (None, false),
    };
    let digest = base.digest.clone();
    let repository = known.map_or_else(|| name.clone(), |known| known.repository);
    Ok(Reference { reference: name, repository, tag: None, digest, version, exact, floating: false })
}

fn title(config: &Config) -> String {
    config.name.iter().map(|name| format!("{name} ")).collect::<String>() + "log router"
}

/// What the kit puts into the image.
fn files(config: &Config, pipeline: &Pipeline) -> Result<Vec<File>, Error> {
    let text = fluent_bit::render::render(pipeline);
    let wasm = firelens_packager::package(firelens_packager::RAW, &config.program)?;
    let parsers = fluent_bit::render::parsers(pipeline).map(|text| (PARSERS_PATH, text.into_bytes()));
    let files = [(CONFIG_PATH, text.into_bytes()), (MODULE_PATH, wasm)].into_iter().chain(parsers);
    Ok(files.map(|(path, bytes)| File { path: path.to_string(), bytes }).collect())
}

impl Built {
    /// Says what a user should know of the base: what a tag that moves meant this time, and platforms that are not there.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let moves = |reference: &str| Reference::parse(reference).is_ok_and(|image| image.floating);
        if let Some(pinned) = self.base.pinned()
            && moves(&self.base.source.to_string())
        {
            notes.push(format!("{} can be another image tomorrow; today it is {pinned}", self.base.source));
        }
        if !self.missing.is_empty() {
            notes.push(format!("the image is for {} only, as the base is", self.platforms()));
        }
        notes
    }

    /// What it is.
    pub fn title(&self) -> String {
        title(&self.config)
    }

    /// The platforms, in words.
    pub fn platforms(&self) -> String {
        let names: Vec<String> = self.image.platforms.iter().map(|image| image.platform.to_string()).collect();
        names.join(" and ")
    }

    /// What an image says of itself.
    pub fn json(&self) -> Value {
        let platforms = self.image.platforms.iter().map(|image| {
            let layers: u64 = image.layers.iter().map(|layer| layer.size).sum();
            json!({
                "platform": image.platform.to_string(),
                "digest": image.manifest.digest,
                "layers": image.layers.len(),
                "layer_bytes": layers,
            })
        });
        json!({
            "digest": self.image.digest(),
            "tag": self.image.tag(),
            "fluent_bit": self.image.fluent_bit.to_string(),
            "configuration": self.image.configuration,
            "base": { "source": self.base.source.to_string(), "name": self.base.name, "digest": self.base.digest },
            "platforms": platforms.collect::<Vec<_>>(),
        })
    }

    /// The same for a reader.
    pub fn text(&self) -> String {
        let base = match self.base.pinned() {
            Some(pinned) => pinned.to_string(),
            None => self.base.source.to_string(),
        };
        format!(
            "  base        {base}\n  fluent-bit  {}\n  platforms   {}\n  digest      {}\n  tag         {}\n",
            self.image.fluent_bit,
            self.platforms(),
            self.image.digest(),
            self.image.tag(),
        )
    }
}
