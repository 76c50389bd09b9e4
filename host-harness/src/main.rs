//! The command `dam`.
use clap::Parser;
#[derive(Parser)]
struct A {
    #[command(flatten)]
    s: host_harness::config::Settings,
    #[arg(long, default_value_t = 1)]
    threads: usize,
    #[arg(long)]
    isa: Option<host_harness::machine::InstructionSet>,
}
fn main() {
    let a = A::parse();
    let c = a.s.config().unwrap();
    let m = host_harness::machine::Machine::new(a.threads, a.isa).unwrap();
    let d = host_harness::data::Dataset::embedded(c.threshold).unwrap();
    let (o, _) = host_harness::trial::run(&c, &d, &m, &mut |e| {
        if let host_harness::trial::Event::Task { .. } = e {
            eprintln!("{e:?}");
        }
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    println!(
        "{:?} {:?} us/pres {:.2} wall {:.1} mem {:?} {:?}",
        o.measured.accuracy_matrix.last(),
        o.measured.average_accuracy,
        1e6 / o.item_presentations_per_second,
        o.wall_seconds,
        o.peak_memory_bytes,
        o.measured.stalled_memories
    );
}
