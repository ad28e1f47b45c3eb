//! Whether a request that carries a mark arrives wherever it is to arrive.
//!
//! Which route a line takes, the filter decides, by all that the line says. It need not be guessed: the record that arrives
//! first names its route, and from then on the destinations of this route are waited for.
use crate::{Aws, Result};
use futures::{StreamExt as _, stream::FuturesUnordered};
use jiff::Timestamp;
use serde::Serialize;
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{Instant, sleep, timeout_at};

mod address;
mod mark;
mod request;
pub(crate) mod rights;
mod scan;
mod seek;
mod site;

pub use address::public_address;
pub use mark::Mark;
pub use request::{Request, Sent, send};
pub use site::{Place, Site};

/// What is waited for.
#[derive(Debug, Clone)]
pub struct Wait {
    pub mark: Mark,
    /// What is older is not looked at.
    pub since: Timestamp,
    /// From when the seconds are counted.
    pub from: Instant,
    pub patience: Duration,
    /// The routes that it can take. None: all sites are waited for.
    pub routes: Vec<Route>,
}

/// A route, and the destinations that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub name: String,
    pub to: Vec<String>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// All that had to arrive did.
    pub arrived: bool,
    /// The routes that the records name which arrived.
    pub routes: BTreeSet<String>,
    pub destinations: Vec<Arrival>,
}

/// How it is with a destination.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Arrival {
    pub destination: String,
    /// `log_group`, `delivery_stream`, `data_stream`, `bucket`, `other`
    pub kind: &'static str,
    /// Its name on AWS.
    pub name: String,
    #[serde(flatten)]
    pub state: State,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// After so many seconds; the log stream, the shard or the object.
    Arrived { seconds: f64, place: String },
    /// Not in the time that was waited.
    NotArrived { seconds: f64 },
    /// There is no such log group, stream or bucket.
    Missing,
    /// The route that the record took does not name it.
    NotNamed,
    /// It cannot be looked at from here, and why.
    Unchecked { reason: String },
}

/// A record with the mark.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sighting {
    /// Unless it does not say.
    route: Option<String>,
    place: String,
}

/// Looks until all has arrived, or the patience is at its end; each arrival is told at once.
///
/// # Errors
/// When AWS refuses to show what is there.
pub async fn wait(aws: &Aws, wait: &Wait, sites: &[Site], tell: &(dyn Fn(&Arrival) + Sync)) -> Result<Answer> {
    let end = wait.from + wait.patience;
    let mut states: Vec<Option<State>> =
        sites.iter().map(|site| site.unchecked().map(|reason| State::Unchecked { reason })).collect();
    let mut routes = BTreeSet::new();
    let open = sites.iter().enumerate().filter(|(index, _)| states[*index].is_none());
    let mut seeking: FuturesUnordered<_> =
        open.map(|(index, site)| async move { (index, seek::until_found(aws, wait, site).await) }).collect();
    while !all_there(wait, &routes, sites, &states) {
        let Ok(Some((index, found))) = timeout_at(end, seeking.next()).await else { break };
        let state = match found? {
            Some(Sighting { route, place }) => {
                routes.extend(route);
                State::Arrived { seconds: seconds(wait), place }
            }
            None => State::Missing,
        };
        tell(&arrival(&sites[index], state.clone()));
        states[index] = Some(state);
    }
    let wanted = wanted(wait, &routes);
    let destinations = sites.iter().zip(states).map(|(site, state)| {
        let state = match state {
            None | Some(State::Missing) if !names(&wanted, site) => State::NotNamed,
            state => state.unwrap_or_else(|| State::NotArrived { seconds: seconds(wait) }),
        };
        arrival(site, state)
    });
    let destinations: Vec<Arrival> = destinations.collect();
    Ok(Answer { arrived: is_whole(wait, &routes, &destinations), routes, destinations })
}

/// Whole tenths.
fn seconds(wait: &Wait) -> f64 {
    (wait.from.elapsed().as_secs_f64() * 10.0).round() / 10.0
}

fn arrival(site: &Site, state: State) -> Arrival {
    Arrival { destination: site.destination.clone(), kind: site.kind(), name: site.name(), state }
}

/// The destinations that it has to arrive at, as far as is known; nothing when it is all.
fn wanted<'a>(wait: &'a Wait, taken: &BTreeSet<String>) -> Option<BTreeSet<&'a str>> {
    let known = wait.routes.iter().filter(|route| taken.is_empty() || taken.contains(&route.name));
    (!wait.routes.is_empty()).then(|| known.flat_map(|route| &route.to).map(String::as_str).collect())
}

fn names(wanted: &Option<BTreeSet<&str>>, site: &Site) -> bool {
    wanted.as_ref().is_none_or(|wanted| wanted.contains(site.destination.as_str()))
}

/// Nothing is left to wait for. As long as no route is known, something has to arrive first.
fn all_there(wait: &Wait, taken: &BTreeSet<String>, sites: &[Site], states: &[Option<State>]) -> bool {
    let wanted = wanted(wait, taken);
    sites.iter().zip(states).all(|(site, state)| state.is_some() || !names(&wanted, site))
}

/// Something arrived, nothing that had to is missing, and it took none but the routes that were thought of.
fn is_whole(wait: &Wait, taken: &BTreeSet<String>, all: &[Arrival]) -> bool {
    let expected = |name: &String| wait.routes.is_empty() || wait.routes.iter().any(|route| route.name == *name);
    let missing = |arrival: &Arrival| matches!(arrival.state, State::NotArrived { .. } | State::Missing);
    taken.iter().all(expected)
        && all.iter().any(|arrival| matches!(arrival.state, State::Arrived { .. }))
        && !all.iter().any(missing)
}

/// The first pause between two looks, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));

/// Looks again and again.
async fn again<T>(mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let mut pause = PAUSE.0;
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSE.1);
    }
}
