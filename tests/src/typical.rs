//! Ordinary lines of each kind, to measure with: the same ones each time, with addresses, sizes and ids that differ.
use crate::{corpus, load};

/// The kinds of lines.
pub const KINDS: [Kind; 6] = [Kind::Access, Kind::Error, Kind::Rails, Kind::Lograge, Kind::Json, Kind::Unparsed];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `combined`.
    Access,
    /// httpd's own error lines.
    Error,
    /// Rails' Logger, without debug messages.
    Rails,
    Lograge,
    Json,
    /// `combined` lines in a container whose format is another one.
    Unparsed,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Access => "access",
            Kind::Error => "error",
            Kind::Rails => "rails",
            Kind::Lograge => "lograge",
            Kind::Json => "json",
            Kind::Unparsed => "unparsed",
        }
    }

    /// How its format is called in `firelens.toml`.
    pub fn format(self) -> &'static str {
        match self {
            Kind::Access => "combined",
            Kind::Error => "httpd_error",
            Kind::Rails => "rails",
            Kind::Lograge => "lograge",
            Kind::Json => "json",
            Kind::Unparsed => "%v %p %{Host}i %D",
        }
    }

    /// So many lines of the kind.
    pub fn lines(self, count: u64) -> Vec<Vec<u8>> {
        let of = |templates: &[&str]| {
            let template = |number: u64| templates[number as usize % templates.len()];
            (0..count).map(|number| filled(template(number), number).into_bytes()).collect()
        };
        match self {
            Kind::Access | Kind::Unparsed => {
                let mut text = Vec::new();
                load::write_combined(count, &mut text).expect("memory takes it");
                text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
            }
            Kind::Error => corpus::lines("error/docker_mixed.log").into_iter().cycle().take(count as usize).collect(),
            Kind::Rails => of(&RAILS),
            Kind::Lograge => of(&LOGRAGE),
            Kind::Json => of(&JSON),
        }
    }
}

/// The template with numbers in the place of `{a}` (0 to 255), `{n}` (up to six digits) and `{id}` (a UUID's end).
fn filled(template: &str, number: u64) -> String {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    template
        .replace("{a}", &(mixed >> 56).to_string())
        .replace("{n}", &(mixed >> 40 & 0xfffff).to_string())
        .replace("{id}", &format!("{:012x}", mixed >> 16))
}

const RAILS: [&str; 6] = [
    "I, [2026-11-22T07:38:32.123456 #7]  INFO -- : [0b9e7a52-6f0e-4d1c-9a57-{id}] Started GET \"/orders/{n}?page=2&token={id}\" for 203.0.113.{a} at 2026-11-22 07:38:32 +0000",
    "I, [2026-11-22T07:38:32.124012 #7]  INFO -- : [0b9e7a52-6f0e-4d1c-9a57-{id}] Processing by OrdersController#show as HTML",
    "I, [2026-11-22T07:38:32.124350 #7]  INFO -- : [0b9e7a52-6f0e-4d1c-9a57-{id}]   Parameters: {\"page\"=>\"2\", \"token\"=>\"[FILTERED]\", \"id\"=>\"{n}\", \"order\"=>{\"note\"=>\"please ring twice\"}}",
    "I, [2026-11-22T07:38:32.140021 #7]  INFO -- : [0b9e7a52-6f0e-4d1c-9a57-{id}]   Rendered layout layouts/application.html.erb (Duration: 7.{a}ms | GC: 0.1ms)",
    "I, [2026-11-22T07:38:32.141377 #7]  INFO -- : [0b9e7a52-6f0e-4d1c-9a57-{id}] Completed 200 OK in 17ms (Views: 8.{a}ms | ActiveRecord: 2.4ms (5 queries, 1 cached) | GC: 0.1ms)",
    "W, [2026-11-22T07:38:32.150000 #7]  WARN -- : [0b9e7a52-6f0e-4d1c-9a57-{id}] Payment::Gateway: order {n} was declined after 1.{a} s, will be tried again at 07:48:32",
];

const LOGRAGE: [&str; 2] = [
    "method=GET path=/orders/{n} format=html controller=OrdersController action=show status=200 allocations=5123 duration=17.{a} view=8.31 db=2.40 client=203.0.113.{a} request_id=0b9e7a52-6f0e-4d1c-9a57-{id}",
    "method=POST path=/orders format=json controller=Api::OrdersController action=create status=422 allocations=9120 duration=41.{a} view=0.52 db=9.77 client=203.0.113.{a} params={\"note\"=>\"please ring twice\"}",
];

const JSON: [&str; 2] = [
    "{\"ts\":\"2026-11-22T07:38:32.123Z\",\"level\":\"info\",\"logger\":\"com.example.shop.Orders\",\"msg\":\"order {n} was stored in 12 ms\",\"req\":{\"id\":\"0b9e7a52-6f0e-4d1c-9a57-{id}\",\"method\":\"GET\",\"url\":\"/orders/{n}?page=2&token={id}\",\"remote\":\"203.0.113.{a}\"},\"ms\":12.{a}}",
    "{\"ts\":\"2026-11-22T07:38:32.301Z\",\"level\":\"warn\",\"logger\":\"com.example.shop.Payment\",\"msg\":\"gateway did not answer in time, will be tried again\",\"attempt\":2,\"order\":{n},\"tags\":[\"payment\",\"retry\"],\"host\":\"ip-10-0-0-{a}.eu-central-1.compute.internal\"}",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_lines_as_asked_for() {
        for kind in KINDS {
            let lines = kind.lines(500);
            assert_eq!(lines.len(), 500, "{}", kind.name());
            assert_eq!(lines, kind.lines(500));
            assert!(lines.iter().all(|line| !line.windows(2).any(|pair| pair == b"{a")), "{}", kind.name());
        }
    }
}
