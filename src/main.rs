fn main() {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let setting = phin::learn::tasks::Setting { corpora: "/work/shared/corpora".into(), recipe: Default::default(), progress: &|_, _, _| {} };
    for name in names {
        let t = std::time::Instant::now();
        for o in phin::learn::tasks::run(&name, &setting).unwrap() {
            println!("{:16} {:20} {:.4}  floor {:?} goal {:?} n {}  {:.1}s", o.task, o.figure, o.ours, o.floor, o.goal, o.n, t.elapsed().as_secs_f64());
        }
    }
}
