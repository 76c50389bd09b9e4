//! The page: its numbers are those of the trials, what is missing is said, and it needs nothing but itself.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;

use common::{course, outcome};
use host_harness::config::{Config, MethodName, Settings};
use host_harness::experiment::images::Images;
use host_harness::experiment::plan::{Plan, Search};
use host_harness::experiment::request::{Lambdas, Request};
use host_harness::experiment::row::Row;
use host_harness::experiment::scale::{Preset, Scale};
use host_harness::experiment::source::Source;
use host_harness::experiment::store::Store;
use host_harness::experiment::target::Target;
use host_harness::outcome::{Course, Outcome};
use host_harness::paper::{self, VERTICES};
use host_harness::report::finding::{Verdict, findings};
use host_harness::report::results::Results;
use host_harness::report::score::Score;
use host_harness::report::{page, table, text as markdown};
use host_harness::spread::Spread;
use scraper::{ElementRef, Html, Selector};
use tempfile::TempDir;

/// Everything, three trials a cell.
fn request() -> Request {
    Request {
        targets: Target::ALL.to_vec(),
        scale: Scale { trials: 3, ..Scale::of(Preset::Smoke) },
        settings: Settings::default(),
        rows: vec![],
        vertices: vec![],
        lambdas: Lambdas::Paper,
        range: None,
    }
}

/// A folder with four images of 2 x 2 pixels.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    for (part, count) in [("train", 3u8), ("t10k", 1)] {
        let mut images = vec![0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2];
        images.extend([200, 0, 0, 200].repeat(count.into()));
        let mut labels = vec![0, 0, 8, 1, 0, 0, 0, count];
        labels.extend(0..count);
        fs::write(folder.path().join(format!("{part}-images-idx3-ubyte")), images).unwrap();
        fs::write(folder.path().join(format!("{part}-labels-idx1-ubyte")), labels).unwrap();
    }
    folder
});

static IMAGES: LazyLock<Images> = LazyLock::new(|| Images::new(Some(FOLDER.path().to_owned())));

/// A store in a folder of its own, its plan, and how its trials ran.
struct Lab {
    folder: TempDir,
    store: Store,
    plan: Plan,
    courses: BTreeMap<String, Course>,
}

impl Lab {
    /// With an outcome for each trial of the plan that `make` wants.
    fn new(make: &dyn Fn(&Config) -> Option<Outcome>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        loop {
            let store = Store::open(folder.path()).unwrap();
            let plan = request().plan(&store, &IMAGES).unwrap();
            let due = plan.trials(&IMAGES).unwrap().into_iter().filter(|trial| store.get(&trial.identity).is_none());
            let made: Vec<Outcome> = due.filter_map(|trial| make(&trial.config)).collect();
            if made.is_empty() {
                let courses = store.courses().unwrap();
                return Self { folder, store, plan, courses };
            }
            for mut outcome in made {
                outcome.data.digest = IMAGES.of(&outcome.config).unwrap().digest().to_owned();
                Store::keep(folder.path(), &outcome, &course()).unwrap();
            }
        }
    }

    fn results(&self) -> Results<'_> {
        self.with(Score::Accuracy)
    }

    fn with(&self, score: Score) -> Results<'_> {
        Results::new(&self.plan, &self.store, &IMAGES, &self.courses, score).unwrap()
    }

    fn page(&self) -> Html {
        Html::parse_document(&page(&self.results()))
    }
}

fn select<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first word of a cell as a number.
fn number(text: &str) -> f64 {
    text.split(' ').next().unwrap().replace('−', "-").parse().unwrap()
}

/// What made-up trials find: the paper's means, or near them, with a spread over seeds.
fn published(config: &Config) -> f64 {
    let row = Row::ALL.into_iter().find(|row| {
        row.method() == config.method && row.proportion().is_none_or(|proportion| proportion == config.proportion)
    });
    let column = VERTICES.iter().position(|&n| n == config.n);
    let mean = row.zip(column).map_or(0.5, |(row, column)| paper::table_2(row)[column].mean);
    mean + 0.01 * (config.seed as f64 - 2.0)
}

/// Five tasks that come to `average`.
fn averaging(config: &Config, average: f64) -> Outcome {
    let tasks = config.tasks as f64;
    outcome(config.clone(), 0.9, (average * tasks - 0.9) / (tasks - 1.0))
}

/// Everything was run.
static COMPLETE: LazyLock<Lab> = LazyLock::new(|| Lab::new(&|config| Some(averaging(config, published(config)))));

fn empty() -> Lab {
    Lab::new(&|_| None)
}

#[test]
fn the_numbers_of_table_2_are_those_of_the_trials() {
    let lab = &*COMPLETE;
    let page = lab.page();
    let rows = select(&page, "#table2 tbody tr:not(.group)");
    assert_eq!(rows.len(), Row::ALL.len());
    for (row, element) in Row::ALL.into_iter().zip(rows) {
        let cells: Vec<String> = element.select(&Selector::parse("td").unwrap()).map(text).collect();
        for (column, (n, cells)) in VERTICES.iter().zip(cells.chunks(3)).enumerate() {
            let published = paper::table_2(row)[column];
            assert_eq!(cells[0], format!("{:.3} ± {:.3}", published.mean, published.deviation));
            // Computed once more from the files.
            let point = lab.plan.points.iter().find(|point| point.row == Some(row) && point.n == *n).unwrap();
            let scores: Vec<f64> = (point.trials.iter())
                .map(|config| {
                    let found = lab.store.outcomes().find(|(_, outcome)| outcome.config == *config).unwrap().1;
                    found.measured.accuracy_matrix[4].iter().sum::<f64>() / 5.0
                })
                .collect();
            assert_eq!(scores.len(), 3);
            let mean = scores.iter().sum::<f64>() / 3.0;
            let deviation = (scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / 2.0).sqrt();
            assert_eq!(cells[1], format!("{mean:.3} ± {deviation:.3}"), "{row}, n = {n}");
            let distance = (mean - published.mean) / published.deviation;
            let told = number(&cells[2]);
            assert!((told - distance).abs() < 0.051, "{row}, n = {n}: {}", cells[2]);
            assert!(!cells[2].contains("−0.0"), "{row}, n = {n}: {}", cells[2]);
        }
    }
}

#[test]
fn a_difference_is_told_by_colour_and_by_sign() {
    for (off, class, sign) in [
        (0.0, "near", "≈"),
        (3.0, "above", "▲"),
        (7.0, "above far", "▲▲"),
        (-3.0, "below", "▼"),
        (-7.0, "below far", "▼▼"),
    ] {
        let deviation = paper::table_2(Row::Vanilla)[0].deviation;
        let of = |config: &Config| {
            (config.method == MethodName::Vanilla && config.seed == 1)
                .then(|| averaging(config, paper::table_2(Row::Vanilla)[0].mean + off * deviation))
        };
        let page = Lab::new(&of).page();
        let cell = select(&page, "#table2 td.difference")[0];
        assert_eq!(cell.attr("class"), Some(&*format!("difference {class}")));
        let told = number(&text(cell));
        assert!((told - off).abs() < 0.051 && text(cell).ends_with(&format!(" {sign}")), "{}", text(cell));
    }
}

#[test]
fn another_score_gives_other_numbers() {
    let lab = &*COMPLETE;
    let of = |score| lab.with(score).average(Row::Mas, 20).unwrap().mean;
    assert!((of(Score::Accuracy) - of(Score::MacroF1) - 0.01).abs() < dam_tests::tolerance::MANY_TERMS);
    assert!((of(Score::Accuracy) - of(Score::WeightedF1) - 0.005).abs() < dam_tests::tolerance::MANY_TERMS);
    assert!(page(&lab.with(Score::MacroF1)).contains("macro F1"));
}

#[test]
fn a_cell_in_markdown_tells_what_was_run_of_it() {
    let cells = |lab: &Lab, row: &str| -> Vec<String> {
        let table = markdown::table_2(&lab.results());
        let line = table.lines().find(|line| line.starts_with(&format!("| {row} |"))).unwrap();
        line.trim_matches('|').split('|').skip(1).map(|cell| cell.trim().to_owned()).collect()
    };
    let some = |config: &Config| {
        let run = config.method == MethodName::Vanilla && (config.seed == 1 && config.n == 2 || config.n == 5);
        run.then(|| averaging(config, published(config)))
    };
    let lab = Lab::new(&some);
    assert_eq!(cells(&lab, "Vanilla"), ["0.421 (-0.4), 1 of 3", "0.325 +- 0.010 (+0.0)", "not run", "not run"]);
    assert_eq!(cells(&lab, "Memory aware synapses"), ["not run"; 4]);
    assert!(markdown::table_2(&lab.results()).contains("2 of 2 cells are at most 2 of them below, or above."));
    assert!(markdown::table_2(&COMPLETE.results()).contains("52 of 52 cells"));
}

#[test]
fn what_was_not_run_is_said() {
    let page = empty().page();
    let cells = select(&page, "#table2 td.ours");
    assert_eq!(cells.len(), 52);
    assert!(cells.into_iter().all(|cell| text(cell) == "not run"));
    assert!(select(&page, "#table1 td.ours").into_iter().all(|cell| text(cell) == "not run"));
    for target in Target::ALL.into_iter().filter(|&target| paper::figure(target).is_some()) {
        let [figure] = select(&page, &format!("figure#{target}"))[..] else { panic!("{target}") };
        assert!(text(figure).contains("0 of"), "{target}: {}", text(figure));
        assert!(text(figure).contains("not run"), "{target}: {}", text(figure));
    }
    assert_eq!(select(&page, ".finding h3 .verdict.open").len(), select(&page, ".finding").len());
    assert_eq!(select(&page, ".row text.nothing").len(), 52);
    let progress = select(&page, "#progress tbody tr");
    assert_eq!(progress.len(), Target::ALL.len());
    assert!(progress.into_iter().all(|row| text(row).ends_with("all of it")));
    assert!(select(&page, ".warning").into_iter().any(|warning| text(warning).starts_with("Nothing has been run yet")));
}

#[test]
fn what_is_there_in_part_is_said() {
    let half = |config: &Config| (config.seed == 1 && config.n != 10).then(|| averaging(config, published(config)));
    let page = Lab::new(&half).page();
    let cells = select(&page, "#table2 td.ours");
    let (run, not_run): (Vec<_>, Vec<_>) = cells.into_iter().map(text).partition(|text| text.ends_with("1 of 3"));
    assert_eq!((run.len(), not_run.len()), (39, 13));
    assert!(not_run.iter().all(|text| text == "not run"));
    let caption = text(select(&page, "figure#fig1 figcaption")[0]);
    assert!(caption.starts_with("9 of 36 trials run"), "{caption}");
    let missing = text(select(&page, "#progress tbody tr")[1]);
    assert!(missing.contains("Vanilla, n = 10: 0 of 3") && missing.contains("Vanilla, n = 2: 1 of 3"), "{missing}");
}

#[test]
fn a_target_that_was_not_asked_for_is_no_blank() {
    let lab = empty();
    let plan = Plan {
        points: lab.plan.points.iter().filter(|point| point.target == Target::Fig1).cloned().collect(),
        searches: vec![],
    };
    let results = Results::new(&plan, &lab.store, &IMAGES, &lab.courses, Score::Accuracy).unwrap();
    let page = Html::parse_document(&page(&results));
    assert!(select(&page, "#table2 td.ours").into_iter().all(|cell| text(cell) == "not planned"));
    assert!(text(select(&page, "figure#fig2")[0]).ends_with("Not planned on this page."));
}

#[test]
fn every_trial_of_a_search_is_a_point_and_every_place_of_a_grid_a_field() {
    let lab = &*COMPLETE;
    let page = lab.page();
    let scale = request().scale;
    for figure in ["fig6", "fig7a", "fig7b", "fig8", "fig9"] {
        assert_eq!(select(&page, &format!("#{figure} .mark > title")).len(), 4 * scale.search_trials, "{figure}");
        assert_eq!(select(&page, &format!("#{figure} .band")).len(), 4, "{figure}");
    }
    for figure in ["fig10", "fig11"] {
        let fields = 4 * scale.learning_rates.len() * scale.temperatures.len();
        assert_eq!(select(&page, &format!("#{figure} rect.heat:not(.none)")).len(), fields, "{figure}");
        assert_eq!(select(&page, &format!("#{figure} rect.chosen")).len(), 4, "{figure}");
    }
    for figure in ["fig1", "fig2", "fig3a", "fig3b", "fig4", "fig5"] {
        let points = 4 * scale.proportions.len();
        assert_eq!(select(&page, &format!("#{figure} .mark > title")).len(), points, "{figure}");
    }
    // A line a task, from the task on.
    assert_eq!(select(&page, ".row .line").len(), 52 * 5);
    assert_eq!(select(&page, ".row .mark").len(), 52 * 15);
}

#[test]
fn findings_follow_from_the_numbers() {
    let of = |lab: &Lab| -> Vec<Verdict> { findings(&lab.results()).iter().map(|finding| finding.verdict()).collect() };
    let all = findings(&COMPLETE.results());
    for finding in &all {
        for case in &finding.cases {
            assert_eq!(case.paper.verdict, Verdict::Holds, "the paper does not have its own finding: {}", case.about);
        }
    }
    // The same numbers give the same verdicts; the search finds another lambda than the paper.
    assert!(of(&COMPLETE)[..5].iter().all(|verdict| *verdict == Verdict::Holds));
    assert!(of(&empty()).iter().all(|verdict| *verdict == Verdict::NotRun));
    let flat = Lab::new(&|config| Some(averaging(config, 0.5)));
    assert!(of(&flat)[..5].iter().all(|verdict| *verdict == Verdict::Fails));
}

#[test]
fn tasks_of_one_size_tell_nothing_about_larger_ones() {
    let lab = &*COMPLETE;
    let small = |target: Target| {
        let searches = lab.plan.searches.iter().filter(|search| search.target == Target::Fig7a);
        searches.cloned().map(move |search| Search { target, ..search })
    };
    let verdict = |searches: Vec<Search>| {
        let plan = Plan { points: vec![], searches };
        let results = Results::new(&plan, &lab.store, &IMAGES, &lab.courses, Score::Accuracy).unwrap();
        findings(&results).last().unwrap().verdict()
    };
    assert_eq!(verdict(small(Target::Fig7a).chain(small(Target::Fig7b)).collect()), Verdict::NotRun);
    assert_ne!(verdict(lab.plan.searches.clone()), Verdict::NotRun);
}

#[test]
fn the_page_needs_nothing_but_itself() {
    let lab = &*COMPLETE;
    let source = page(&lab.results());
    let page = Html::parse_document(&source);
    assert!(page.errors.is_empty(), "{:?}", page.errors);
    for selector in ["script", "link", "img", "iframe", "object", "embed", "image", "use"] {
        assert!(select(&page, selector).is_empty(), "{selector}");
    }
    for element in select(&page, "*") {
        for (name, value) in element.value().attrs() {
            assert!(!["src", "srcset", "data", "poster", "background"].contains(&name), "{name}={value}");
            if name.ends_with("href") {
                let place = value.strip_prefix('#').unwrap_or_else(|| panic!("{name}={value}"));
                assert_eq!(select(&page, &format!("[id='{place}']")).len(), 1, "{value}");
            }
            assert!(!value.contains("NaN") && !value.contains("inf"), "{name}={value}");
        }
    }
    for outside in ["url(", "@import", "http:", "https:"] {
        assert!(!source.contains(outside), "{outside}");
    }
}

#[test]
fn networks_that_were_kept_are_drawn_on_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let small = ["--preset", "smoke", "--vertices", "2,20"];
    let reproduce = [&["reproduce", "pictures"][..], &small].concat();
    let first = dam(&reproduce, folder.path());
    assert!(first.status.success(), "{first:?}");
    let networks = || fs::read_dir(folder.path().join("networks")).unwrap().map(|entry| entry.unwrap().path());
    let kept: Vec<_> = networks().map(|path| (path.clone(), fs::read(&path).unwrap())).collect();
    assert_eq!(kept.len(), 4);
    // A network that is missing is made anew, the same to the last bit; what is there is not run again.
    fs::remove_file(&kept[0].0).unwrap();
    let again = String::from_utf8(dam(&reproduce, folder.path()).stdout).unwrap();
    assert!(again.contains("1 trials were run"), "{again}");
    assert!(kept.iter().all(|(path, bytes)| fs::read(path).unwrap() == *bytes));
    let all = dam(&["report", "--preset", "smoke"], folder.path());
    assert!(all.status.success(), "{all:?}");
    let source = fs::read_to_string(folder.path().join("report.html")).unwrap();
    let page = Html::parse_document(&source);
    assert!(page.errors.is_empty(), "{:?}", page.errors);
    let names: Vec<String> = select(&page, "#portraits th[scope=row]").into_iter().map(text).collect();
    let after = |n: u32| [format!("vanilla, n = {n}, after task 1"), format!("vanilla, n = {n}, after 5 of 5 tasks")];
    assert_eq!(names, [after(2), after(20)].concat());
    assert_eq!(select(&page, ".portraits > svg").len(), 4);
    // Nothing outside of the page.
    for image in select(&page, "image") {
        assert!(image.value().attr("href").unwrap().starts_with("data:image/png;base64,"));
    }
    assert!(["url(", "http:", "https:"].into_iter().all(|outside| !source.contains(outside)));
}

#[test]
fn text_of_files_is_text() {
    let lab = Lab::new(&|config| {
        let mut outcome = averaging(config, 0.5);
        outcome.version = "<script>alert(1)</script>&\"".to_owned();
        (config.seed == 1).then_some(outcome)
    });
    let source = page(&lab.results());
    assert!(!source.contains("<script") && source.contains("&lt;script&gt;"));
}

#[test]
fn the_same_store_gives_the_same_bytes() {
    let lab = &*COMPLETE;
    let first = page(&lab.results());
    let again = Store::open(lab.folder.path()).unwrap();
    let results = Results::new(&lab.plan, &again, &IMAGES, &lab.courses, Score::Accuracy).unwrap();
    assert_eq!(first, page(&results));
}

#[test]
fn distances_are_in_the_papers_deviations() {
    let paper = Spread { mean: 0.5, deviation: 0.02 };
    let ours = Spread { mean: 0.45, deviation: 0.1 };
    assert!((table::distance(ours, paper) + 2.5).abs() < dam_tests::tolerance::MANY_TERMS);
}

fn dam(words: &[&str], store: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dam"));
    command.args(words).arg("--store").arg(store).current_dir(store).output().unwrap()
}

#[test]
fn the_command_writes_the_page_and_the_table() {
    let lab = Lab::new(&|config| (config.seed == 1).then(|| averaging(config, published(config))));
    let store = lab.folder.path();
    let data = FOLDER.path().to_str().unwrap();
    let done = dam(&["report", "--preset", "smoke", "--trials", "3", "--lambdas", "paper", "--data", data], store);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(fs::read_to_string(store.join("report.html")).unwrap(), page(&lab.results()));
    let count = lab.store.outcomes().count();
    assert!(String::from_utf8(done.stdout).unwrap().starts_with(&format!("{count} trials of the plan")));
    let done = dam(&["trials", "--csv", "a.csv", "--parquet", "a.parquet"], store);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(fs::read_to_string(store.join("a.csv")).unwrap().lines().count(), count + 1);
    assert!(fs::read(store.join("a.parquet")).unwrap().starts_with(b"PAR1"));
}

#[test]
fn the_command_refuses_what_it_cannot_do() {
    let empty = tempfile::tempdir().unwrap();
    for (words, code, parts) in [
        (&["trials"][..], 2, &["--csv", "--parquet"][..]),
        (&["trials", "--csv", "a.csv"], 2, &["no trial is there", "dam reproduce"]),
        (&["trials", "--csv", "missing/a.csv"], 1, &["missing/a.csv", "create it"]),
        (&["report", "--out", "missing/a.html"], 1, &["missing/a.html", "create it"]),
        (&["report", "table3"], 2, &["table3", "table2"]),
        (&["report", "--score", "f1"], 2, &["f1", "macro-f1"]),
        (&["report", "--learning-rate", "0.1"], 2, &["learning_rate", "fig10"]),
    ] {
        let done = dam(words, empty.path());
        let told = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(code), "{words:?}: {told}");
        assert!(parts.iter().all(|part| told.contains(part)), "{words:?}: {told}");
    }
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
}
