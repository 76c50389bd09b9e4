//! The table as comma-separated values, RFC 4180.

use super::Table;

/// The whole file, with a line of names. Empty cells are empty; numbers read back to the same bits.
///
/// # Errors
/// None that its input can cause.
pub fn csv(table: &Table) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(vec![]);
    writer.write_record(table.columns().iter().map(|column| &column.name))?;
    for row in table.rows() {
        writer.write_record(row.iter().map(|cell| cell.as_ref().map(ToString::to_string).unwrap_or_default()))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}
