use super::*;

rule!("FLK061", "router-memory", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (task, router) in context.fluent_bit_routers() {
        if router.memory.is_none() && router.memory_reservation.is_none() {
            let finding = RULE.at(container_place(task, router), "the router has neither memory nor memoryReservation");
            let finding = finding.label("FireLens's input gets 25 MB, and nothing keeps the rest in bounds");
            found.push(finding.help("set memoryReservation: FireLens's input takes half of it"));
        }
    }
}
