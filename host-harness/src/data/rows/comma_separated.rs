//! Tables of comma-separated values.

use super::{RowsError, Table, Values};

/// Names that a label's column is looked for under, in this order, whatever their case; else it is the last.
const LABELS: [&str; 4] = ["label", "class", "target", "y"];

/// Reads a table: the first line has names, `label` is the column of the labels, and columns in `ignore` are left out. A
/// column is one of numbers where all that is in it can be read as such.
pub(super) fn read(bytes: &[u8], label: Option<&str>, ignore: &[String]) -> Result<Table, RowsError> {
    // Spreadsheets mark the order of bytes, though UTF-8 has one only.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let named = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
    let known = |wanted: &str| {
        let unknown = || RowsError::NoColumn { label: wanted.to_owned(), columns: names.clone() };
        names.iter().position(|name| name == wanted).ok_or_else(unknown)
    };
    let label = match label {
        Some(label) => known(label)?,
        None => LABELS.into_iter().find_map(named).unwrap_or(names.len().saturating_sub(1)),
    };
    let left_out = ignore.iter().map(|name| known(name)).collect::<Result<Vec<_>, _>>()?;
    let used: Vec<usize> = (0..names.len()).filter(|place| *place != label && !left_out.contains(place)).collect();
    let (mut words, mut labels) = (vec![vec![]; used.len()], vec![]);
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let value = |place: usize| record.get(place).unwrap_or_default().to_owned();
        let found = value(label);
        if found.is_empty() {
            return Err(RowsError::NoLabel { line });
        }
        labels.push(found);
        words.iter_mut().zip(&used).for_each(|(column, &place)| column.push(value(place)));
    }
    let columns = words.into_iter().map(values).collect();
    Ok(Table { names: used.into_iter().map(|place| names[place].clone()).collect(), columns, labels })
}

fn values(words: Vec<String>) -> Values {
    let number = |word: &String| if word.is_empty() { Ok(f64::NAN) } else { word.parse::<f64>() };
    match words.iter().map(number).collect() {
        Ok(numbers) => Values::Numbers(numbers),
        Err(_) => Values::Words(words),
    }
}
