//! Tables in NumPy's NPZ: a ZIP archive of arrays, each a file of its own, NPY.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::arrays::{self, Array, Type};
use super::{RowsError, Table};

/// What an NPY file begins with.
const MAGIC: &[u8] = b"\x93NUMPY";

/// Types, as NumPy names them.
const TYPES: [(&str, Type, usize); 11] = [
    ("<f8", Type::F64, 8),
    ("<f4", Type::F32, 4),
    ("<i8", Type::I64, 8),
    ("<i4", Type::I32, 4),
    ("<i2", Type::I16, 2),
    ("|i1", Type::I8, 1),
    ("<u8", Type::U64, 8),
    ("<u4", Type::U32, 4),
    ("<u2", Type::U16, 2),
    ("|u1", Type::U8, 1),
    ("|b1", Type::U8, 1),
];

/// The arrays `x` and `y`, of `numpy.savez` or `numpy.savez_compressed`.
pub(super) fn read(bytes: &[u8]) -> Result<Table, RowsError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| RowsError::Numpy(error.to_string()))?;
    let mut array = |name: &str| {
        let wrong = |text: &str| RowsError::Numpy(format!("{name}: {text}"));
        let mut file = archive
            .by_name(&format!("{name}.npy"))
            .map_err(|_| RowsError::Numpy(format!("there is no array {name}")))?;
        let mut bytes = vec![];
        file.read_to_end(&mut bytes).map_err(|error| wrong(&error.to_string()))?;
        parse(&bytes).map_err(|text| wrong(&text))
    };
    arrays::table(array("x")?, &array("y")?)
}

/// An NPY file, versions 1 to 3.
fn parse(bytes: &[u8]) -> Result<Array, String> {
    let short = || "it ends too early".to_owned();
    let rest = bytes.strip_prefix(MAGIC).ok_or("it is no array")?;
    let (&[major, _minor], rest) = rest.split_first_chunk().ok_or_else(short)?;
    let (length, rest) = if major == 1 {
        let (length, rest) = rest.split_first_chunk().ok_or_else(short)?;
        (usize::from(u16::from_le_bytes(*length)), rest)
    } else {
        let (length, rest) = rest.split_first_chunk().ok_or_else(short)?;
        (u32::from_le_bytes(*length) as usize, rest)
    };
    let (header, data) = rest.split_at_checked(length).ok_or_else(short)?;
    let header = std::str::from_utf8(header).map_err(|_| "its header is no text")?;
    let value = |key: &str| {
        let (_, after) = header.split_once(&format!("'{key}':")).ok_or(format!("its header has no {key}"))?;
        Ok::<&str, String>(after.trim_start())
    };
    let name = value("descr")?.strip_prefix('\'').and_then(|name| name.split('\'').next()).unwrap_or("a structure");
    let &(_, of, size) = TYPES.iter().find(|(known, ..)| *known == name).ok_or_else(|| {
        format!("{name} are no numbers that are read here; save integers, or floats of 32 or 64 bits, as .astype does")
    })?;
    if !value("fortran_order")?.starts_with("False") {
        return Err("its first axis is the innermost; save numpy.ascontiguousarray of it".to_owned());
    }
    let shape = value("shape")?.strip_prefix('(').and_then(|shape| shape.split(')').next()).ok_or("it has no shape")?;
    let axes = shape.split(',').map(str::trim).filter(|axis| !axis.is_empty());
    let shape: Vec<usize> =
        axes.map(|axis| axis.parse().map_err(|_| format!("its shape has {axis:?}"))).collect::<Result<_, _>>()?;
    let bytes = shape.iter().try_fold(size, |product, &axis| product.checked_mul(axis));
    if bytes != Some(data.len()) {
        return Err(format!("it has {} bytes, which is not what its shape {shape:?} takes", data.len()));
    }
    Ok(Array { shape, numbers: arrays::numbers(data, of) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What NumPy writes, byte for byte but for the padding of the header.
    fn npy(descr: &str, order: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let length = (header.len() as u16).to_le_bytes();
        [MAGIC, &[1, 0], &length, header.as_bytes(), data].concat()
    }

    #[test]
    fn arrays_are_those_that_numpy_wrote() {
        let numbers = [1.5f32, -2.0].map(f32::to_le_bytes).concat();
        let array = parse(&npy("<f4", "False", "(1, 2)", &numbers)).unwrap();
        assert_eq!(array, Array { shape: vec![1, 2], numbers: vec![1.5, -2.0] });
        let array = parse(&npy("|b1", "False", "(3,)", &[0, 1, 1])).unwrap();
        assert_eq!(array, Array { shape: vec![3], numbers: vec![0.0, 1.0, 1.0] });
        let mut second = npy("<i2", "False", "(1,)", &[3, 0]);
        // Version 2 has four bytes of length.
        second[6] = 2;
        second.splice(10..10, [0, 0]);
        assert_eq!(parse(&second).unwrap().numbers, [3.0]);
    }

    #[test]
    fn what_is_no_array_of_numbers_is_named() {
        for (file, part) in [
            (npy("<U5", "False", "(1,)", &[0; 20]), "<U5"),
            (npy("<f8", "True", "(1,)", &[0; 8]), "ascontiguousarray"),
            (npy("<f8", "False", "(2,)", &[0; 8]), "8 bytes"),
            (npy("<f8", "False", "(18446744073709551615, 9)", &[0; 8]), "8 bytes"),
            (npy("<f8", "False", "(a,)", &[]), "\"a\""),
            (b"PK".to_vec(), "no array"),
            (npy("<f8", "False", "(1,)", &[])[..20].to_vec(), "too early"),
        ] {
            let error = parse(&file).unwrap_err();
            assert!(error.contains(part), "{part} in {error}");
        }
    }
}
