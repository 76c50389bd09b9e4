//! Which neurons the columns of a table have: numbers by a thermometer code, words one-hot.

use std::collections::BTreeSet;

use dam_nostd::bits;
use serde::{Deserialize, Serialize};

use super::{RowsError, Table, Values};

/// Different words of a column, and classes, at most.
const MOST: usize = 256;

/// How a table becomes binary neurons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encoding {
    /// Columns, in the order of their neurons.
    pub columns: Vec<Column>,
    /// The label of each class.
    pub classes: Vec<String>,
}

/// A column's neurons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Column {
    /// Numbers.
    Number {
        /// The column's name.
        name: String,
        /// Cut points, rising: a neuron is on where the number is at least its own. Where it is missing, all are off.
        cuts: Vec<f64>,
    },
    /// Words.
    Word {
        /// The column's name.
        name: String,
        /// The word of each neuron, which is on for it alone. For other words, and where it is missing, all are off.
        words: Vec<String>,
    },
}

impl Column {
    fn name(&self) -> &str {
        let (Self::Number { name, .. } | Self::Word { name, .. }) = self;
        name
    }

    fn neurons(&self) -> usize {
        match self {
            Self::Number { cuts, .. } => cuts.len(),
            Self::Word { words, .. } => words.len(),
        }
    }
}

impl Encoding {
    /// Of `table`: cut points divide the numbers of a column into `levels + 1` parts of as many rows each, or lie between
    /// all of its numbers where these are no more. A column with one value only has no neuron.
    pub(crate) fn of(table: &Table, levels: usize) -> Result<Self, RowsError> {
        if !(1..=MOST).contains(&levels) {
            return Err(RowsError::Range { name: "levels", value: levels.to_string(), remedy: "give 1 to 256" });
        }
        if table.labels.is_empty() || table.columns.is_empty() {
            return Err(RowsError::Empty);
        }
        let column = |(name, values): (&String, &Values)| match values {
            Values::Numbers(numbers) => Ok(Column::Number { name: name.clone(), cuts: cuts(numbers, levels) }),
            Values::Words(found) => {
                let different: BTreeSet<&String> = found.iter().filter(|word| !word.is_empty()).collect();
                if different.len() > MOST {
                    return Err(RowsError::Words { column: name.clone(), found: different.len(), most: MOST });
                }
                let words = if different.len() < 2 { vec![] } else { different.into_iter().cloned().collect() };
                Ok(Column::Word { name: name.clone(), words })
            }
        };
        let columns = table.names.iter().zip(&table.columns).map(column).collect::<Result<Vec<_>, _>>()?;
        let mut classes: Vec<String> = table.labels.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect();
        if classes.len() > MOST {
            return Err(RowsError::Classes { found: classes.len(), most: MOST });
        }
        // 2 before 10.
        if classes.iter().all(|class| class.parse::<f64>().is_ok()) {
            let number = |class: &String| class.parse::<f64>().unwrap_or(0.0);
            classes.sort_by(|a, b| number(a).total_cmp(&number(b)));
        }
        let encoding = Self { columns, classes };
        if encoding.neurons() == 0 { Err(RowsError::Flat) } else { Ok(encoding) }
    }

    /// All neurons.
    pub fn neurons(&self) -> usize {
        self.columns.iter().map(Column::neurons).sum()
    }

    /// The class of each row.
    pub(crate) fn labels(&self, table: &Table) -> Result<Vec<u8>, RowsError> {
        let class = |label: &String| {
            let place = self.classes.iter().position(|class| class == label);
            let unknown = || RowsError::Label { label: label.clone(), classes: self.classes.clone() };
            place.and_then(|place| u8::try_from(place).ok()).ok_or_else(unknown)
        };
        table.labels.iter().map(class).collect()
    }

    /// Sets the neurons of every row in `states`, which are off, row after row of whole words. Columns are found by name.
    pub(crate) fn encode(&self, table: &Table, states: &mut [u32]) -> Result<(), RowsError> {
        let words = self.neurons().div_ceil(32).max(1);
        let mut first = 0;
        for column in &self.columns {
            let missing = || RowsError::Column { expected: column.name().to_owned() };
            let place = table.names.iter().position(|name| name == column.name()).ok_or_else(missing)?;
            for (row, state) in states.chunks_exact_mut(words).enumerate() {
                match (column, &table.columns[place]) {
                    (Column::Number { cuts, .. }, Values::Numbers(numbers)) => {
                        for (i, cut) in cuts.iter().enumerate() {
                            bits::set(state, first + i, numbers[row] >= *cut);
                        }
                    }
                    (Column::Word { words, .. }, Values::Words(found)) => {
                        for (i, word) in words.iter().enumerate() {
                            bits::set(state, first + i, *word == found[row]);
                        }
                    }
                    // Words that all look like numbers in this table.
                    (Column::Word { words, .. }, Values::Numbers(numbers)) => {
                        for (i, word) in words.iter().enumerate() {
                            bits::set(state, first + i, word.parse() == Ok(numbers[row]));
                        }
                    }
                    (Column::Number { .. }, Values::Words(_)) => return Err(missing()),
                }
            }
            first += column.neurons();
        }
        Ok(())
    }
}

fn cuts(numbers: &[f64], levels: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = numbers.iter().copied().filter(|number| number.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let mut different = sorted.clone();
    different.dedup();
    let mut cuts: Vec<f64> = if different.len() <= levels + 1 {
        different.iter().skip(1).copied().collect()
    } else {
        (1..=levels).map(|level| sorted[level * sorted.len() / (levels + 1)]).collect()
    };
    cuts.dedup();
    // What every number reaches tells nothing apart.
    cuts.retain(|&cut| sorted.first().is_some_and(|&least| cut > least));
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let words = ["red", "blue", "", "red"].map(str::to_owned).to_vec();
        let numbers = vec![1.0, 2.0, f64::NAN, 10.0];
        let names = ["size", "colour", "same"].map(str::to_owned).to_vec();
        let columns = vec![Values::Numbers(numbers), Values::Words(words), Values::Numbers(vec![7.0; 4])];
        Table { names, columns, labels: ["10", "2", "2", "10"].map(str::to_owned).to_vec() }
    }

    #[test]
    fn numbers_are_a_thermometer_words_one_hot_and_what_is_missing_is_off() {
        let encoding = Encoding::of(&table(), 8).unwrap();
        let number = |name: &str, cuts: &[f64]| Column::Number { name: name.to_owned(), cuts: cuts.to_vec() };
        let colours = Column::Word { name: "colour".to_owned(), words: vec!["blue".to_owned(), "red".to_owned()] };
        assert_eq!(encoding.columns, [number("size", &[2.0, 10.0]), colours, number("same", &[])]);
        assert_eq!((encoding.classes.clone(), encoding.neurons()), (vec!["2".to_owned(), "10".to_owned()], 4));
        assert_eq!(encoding.labels(&table()).unwrap(), [1, 0, 0, 1]);
        let mut states = [0; 4];
        encoding.encode(&table(), &mut states).unwrap();
        assert_eq!(states, [0b1000, 0b0101, 0b0000, 0b1011]);
    }

    #[test]
    fn cut_points_part_the_rows_evenly() {
        let numbers: Vec<f64> = (0..90).map(f64::from).collect();
        assert_eq!(cuts(&numbers, 8), [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0]);
        // Half of the numbers are the least.
        let many: Vec<f64> = (0..90).map(|i| f64::from((i - 44).max(0))).collect();
        assert_eq!(cuts(&many, 2), [16.0]);
    }

    #[test]
    fn rows_that_are_shown_later_are_encoded_as_those_of_training() {
        let encoding = Encoding::of(&table(), 8).unwrap();
        let mut later = table();
        later.names.swap(0, 2);
        later.columns.swap(0, 2);
        if let Values::Words(words) = &mut later.columns[1] {
            words[0] = "green".to_owned();
        }
        let mut states = [0; 4];
        encoding.encode(&later, &mut states).unwrap();
        assert_eq!(states, [0b0000, 0b0101, 0b0000, 0b1011]);
        later.labels[0] = "3".to_owned();
        assert!(encoding.labels(&later).unwrap_err().to_string().contains("\"3\""));
        later.names[2] = "length".to_owned();
        assert!(encoding.encode(&later, &mut states).unwrap_err().to_string().contains("\"size\""));
    }
}
