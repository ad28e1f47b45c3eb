//! The service that a deploy makes: where it runs, and how large it is.
use super::{
    super::{
        aws::{self, refuse},
        problem::{Code, Problem},
        reader::{Entry, Problems, Section, boolean, number, strings, word},
    },
    App, Places, Size,
};

/// A service on Fargate.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Without one, the region's default VPC.
    pub vpc: Option<String>,
    pub subnets: Vec<String>,
    pub public_ip: bool,
    /// Security groups besides ours.
    pub security_groups: Vec<String>,
    pub architecture: Architecture,
    pub desired_count: Option<u32>,
    pub apps: Vec<App>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    X86,
    Arm,
}

impl Architecture {
    /// As a task definition's `runtimePlatform` says it.
    pub fn name(self) -> &'static str {
        match self {
            Architecture::X86 => "X86_64",
            Architecture::Arm => "ARM64",
        }
    }
}

const ARCHITECTURES: [(&str, Architecture); 2] = [("x86_64", Architecture::X86), ("arm64", Architecture::Arm)];

/// AwsVpcConfiguration (Amazon ECS API reference); one of the five groups is ours.
const SUBNETS: usize = 16;
const SECURITY_GROUPS: usize = 4;

/// A task's sizes on Fargate: CPU units, and the memory in MiB that goes with them: from, to, in steps of (Amazon ECS
/// developer guide, "Task CPU and memory").
const SIZES: [(u32, u32, u32, u32); 7] = [
    (256, 512, 2048, 512),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16_384, 1024),
    (4096, 8192, 30_720, 1024),
    (8192, 16_384, 61_440, 4096),
    (16_384, 32_768, 122_880, 8192),
];

/// The memories that a task with so many CPU units can have.
fn memories(cpu: u32) -> impl Iterator<Item = u32> {
    let sizes = SIZES.iter().filter(move |(units, ..)| *units == cpu);
    // 1536 MiB is none of the sizes of a quarter of a vCPU.
    let memories = sizes.flat_map(|(_, low, high, step)| (*low..=*high).step_by(*step as usize));
    memories.filter(move |memory| (cpu, *memory) != (256, 1536))
}

impl Size {
    /// The smallest size on Fargate with this much at least, and with what the file says: CPU units and MiB.
    pub fn fitting(self, cpu: u32, memory: u32) -> Option<(u32, u32)> {
        let units = SIZES.iter().map(|(units, ..)| *units).filter(|units| self.cpu.is_none_or(|said| said == *units));
        units.filter(|units| *units >= cpu).find_map(|units| {
            let fits = |size: &u32| *size >= memory && self.memory.is_none_or(|said| said == *size);
            Some((units, memories(units).find(fits)?))
        })
    }
}

/// `cpu`, `memory` and `ephemeral_storage`.
pub(super) fn size(section: &mut Section, places: &mut Places, problems: &Problems) -> Size {
    let (cpu, memory) = (section.take("cpu"), section.take("memory"));
    let storage = section.take("ephemeral_storage");
    places.cpu = cpu.map(|entry| entry.value.span());
    places.memory = memory.map(|entry| entry.value.span());
    places.ephemeral_storage = storage.map(|entry| entry.value.span());
    let mut size = Size {
        cpu: number(cpu, problems),
        memory: number(memory, problems),
        ephemeral_storage: number(storage, problems),
    };
    if let (Some(entry), Some(units)) = (cpu, size.cpu)
        && !SIZES.iter().any(|(known, ..)| *known == units)
    {
        let known: Vec<String> = SIZES.iter().map(|(units, ..)| units.to_string()).collect();
        let help = format!("1024 are one vCPU; known are: {}", known.join(", "));
        size.cpu = refuse(entry.value.span(), "Fargate has no tasks with so many CPU units", &help, problems);
    }
    let offered = |memory: u32| match size.cpu {
        Some(cpu) => memories(cpu).any(|known| known == memory),
        None => SIZES.iter().any(|(cpu, ..)| memories(*cpu).any(|known| known == memory)),
    };
    if let (Some(entry), Some(memory)) = (memory, size.memory.filter(|memory| !offered(*memory))) {
        size.memory = refuse(entry.value.span(), "Fargate has no such task", &near(size.cpu, memory), problems);
    }
    size
}

/// The sizes on both sides.
fn near(cpu: Option<u32>, memory: u32) -> String {
    let of = |cpu: u32| memories(cpu).collect::<Vec<_>>();
    let mut known: Vec<u32> = cpu.map_or_else(|| SIZES.iter().flat_map(|(cpu, ..)| of(*cpu)).collect(), of);
    known.sort_unstable();
    let below = known.iter().rev().find(|known| **known < memory);
    let above = known.iter().find(|known| **known > memory);
    let both: Vec<String> = below.into_iter().chain(above).map(u32::to_string).collect();
    let with = cpu.map_or(String::new(), |cpu| format!(" with {cpu} CPU units"));
    format!("the next that it has{with}: {} MiB", both.join(" and "))
}

/// The keys about the service itself.
#[derive(Clone, Copy)]
pub(super) struct Network<'a> {
    vpc: Option<Entry<'a>>,
    subnets: Option<Entry<'a>>,
    public_ip: Option<Entry<'a>>,
    security_groups: Option<Entry<'a>>,
    architecture: Option<Entry<'a>>,
    desired_count: Option<Entry<'a>>,
}

impl<'a> Network<'a> {
    pub(super) fn take(section: &mut Section<'a>) -> Network<'a> {
        Network {
            vpc: section.take("vpc"),
            subnets: section.take("subnets"),
            public_ip: section.take("public_ip"),
            security_groups: section.take("security_groups"),
            architecture: section.take("architecture"),
            desired_count: section.take("desired_count"),
        }
    }

    /// Those that were written.
    pub(super) fn entries(self) -> impl Iterator<Item = Entry<'a>> {
        let all = [self.vpc, self.subnets, self.public_ip, self.security_groups, self.architecture, self.desired_count];
        all.into_iter().flatten()
    }

    pub(super) fn read(self, apps: Vec<App>, problems: &Problems) -> Service {
        let vpc = self.vpc.and_then(|entry| aws::id(super::string(entry.value, problems)?, "vpc", problems));
        let subnets = ids(self.subnets, "subnet", SUBNETS, problems);
        check_both(self.vpc, self.subnets, problems);
        let told = self.public_ip.and_then(|entry| boolean(entry.value, problems));
        let architecture = self.architecture.and_then(|entry| word(entry, &ARCHITECTURES, problems));
        Service {
            // The default VPC's subnets reach the internet only through public addresses.
            public_ip: told.unwrap_or(self.subnets.is_none()),
            vpc,
            subnets,
            security_groups: ids(self.security_groups, "sg", SECURITY_GROUPS, problems),
            architecture: architecture.unwrap_or(Architecture::X86),
            desired_count: number(self.desired_count, problems),
            apps,
        }
    }
}

fn ids(entry: Option<Entry>, prefix: &str, most: usize, problems: &Problems) -> Vec<String> {
    let Some(entry) = entry else { return Vec::new() };
    let texts = strings(entry.value, problems);
    if texts.len() > most {
        let message = format!("{} are too many", texts.len());
        problems.add(Problem::error(Code::WrongValue, entry.value.span(), message).label(format!("{most} at most")));
    }
    texts.into_iter().filter_map(|text| aws::id(text, prefix, problems)).collect()
}

/// Only the default VPC has subnets that go without saying, and the security group is made in the VPC.
fn check_both(vpc: Option<Entry>, subnets: Option<Entry>, problems: &Problems) {
    let (there, missing) = match (vpc, subnets) {
        (Some(vpc), None) => (vpc, "subnets"),
        (None, Some(subnets)) => (subnets, "vpc"),
        _ => return,
    };
    let message = format!("`{}` goes with `{missing}`", there.name());
    let problem = Problem::error(Code::MissingKey, there.key.span(), message).label(format!("`{missing}` is missing"));
    problems.add(problem.help("without both it is the region's default VPC"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_size_that_fits_is_taken() {
        let any = Size::default();
        assert_eq!(any.fitting(0, 500), Some((256, 512)));
        assert_eq!(any.fitting(0, 1040), Some((256, 2048)));
        assert_eq!(any.fitting(0, 2049), Some((512, 3072)));
        assert_eq!(any.fitting(512, 100), Some((512, 1024)));
        assert_eq!(Size { cpu: Some(1024), ..any }.fitting(0, 100), Some((1024, 2048)));
        assert_eq!(Size { memory: Some(8192), ..any }.fitting(0, 100), Some((1024, 8192)));
        assert_eq!(Size { memory: Some(512), ..any }.fitting(0, 600), None);
        assert_eq!(Size { cpu: Some(256), ..any }.fitting(300, 100), None);
        assert_eq!(any.fitting(0, 200_000), None);
    }
}
