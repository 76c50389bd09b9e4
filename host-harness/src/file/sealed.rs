//! JSON objects that carry the digest of their content, so that one that was damaged or edited is told from what was
//! written.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The key of the digest.
pub const KEY: &str = "digest";

/// The SHA-256, 64 hexadecimal digits, of the object `value`: of its JSON without blanks, keys in order, without the
/// digest itself and without the keys `but`.
pub fn digest(value: &Value, but: &[&str]) -> String {
    let mut found = value.clone();
    if let Value::Object(object) = &mut found {
        object.retain(|key, _| key != KEY && !but.contains(&key.as_str()));
    }
    let mut text = String::new();
    write(&mut text, &found);
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write(text: &mut String, value: &Value) {
    match value {
        Value::Object(object) => {
            let keys: BTreeMap<&String, &Value> = object.iter().collect();
            text.push('{');
            for (place, (key, value)) in keys.into_iter().enumerate() {
                text.push_str(if place == 0 { "" } else { "," });
                *text += &Value::String(key.clone()).to_string();
                text.push(':');
                write(text, value);
            }
            text.push('}');
        }
        Value::Array(list) => {
            text.push('[');
            for (place, value) in list.iter().enumerate() {
                text.push_str(if place == 0 { "" } else { "," });
                write(text, value);
            }
            text.push(']');
        }
        plain => *text += &plain.to_string(),
    }
}

/// Bytes that are no such object.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// No JSON, or not of this form.
    #[error(transparent)]
    Form(#[from] serde_json::Error),
    /// The content is not what was written.
    #[error("it was changed after it was written: its digest is {found}, and that of its content {expected}")]
    Digest {
        /// What it says.
        found: String,
        /// What it is.
        expected: String,
    },
}

#[derive(Serialize)]
struct Sealed<'a, T> {
    #[serde(flatten)]
    content: &'a T,
    digest: String,
}

/// The JSON of `content`, an object, with its digest as the last key.
pub fn to_vec(content: &impl Serialize) -> Vec<u8> {
    let digest = digest(&serde_json::to_value(content).expect("it is plain data"), &[]);
    let mut bytes = serde_json::to_vec_pretty(&Sealed { content, digest }).expect("it is plain data");
    bytes.push(b'\n');
    bytes
}

/// The content of what [`to_vec`] made. An object without a digest, as earlier versions wrote, is read as it is.
///
/// # Errors
/// Bytes that are no such object, or not the one that was written.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, SealError> {
    let value = Value::Object(serde_json::from_slice(bytes)?);
    if let Some(found) = value.get(KEY).and_then(Value::as_str) {
        let expected = digest(&value, &[]);
        if found != expected {
            return Err(SealError::Digest { found: found.to_owned(), expected });
        }
    }
    Ok(serde_json::from_value(value)?)
}
