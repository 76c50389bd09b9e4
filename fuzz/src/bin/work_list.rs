//! Lists of work; with a digest put right, so that it is not what all inputs end at.
#![no_main]

use host_harness::experiment::worklist::WorkList;
use host_harness::file::sealed;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    let Ok(Value::Object(mut object)) = serde_json::from_slice(bytes) else { return };
    object.remove(sealed::KEY);
    read(&sealed::to_vec(&object));
});

fn read(bytes: &[u8]) {
    if let Ok(list) = sealed::from_slice::<WorkList>(bytes) {
        list.shard("0123456789ab", list.shards);
        let again =
            sealed::from_slice::<WorkList>(&sealed::to_vec(&list)).expect("what was read can be written and read");
        assert_eq!(again, list);
    }
}
