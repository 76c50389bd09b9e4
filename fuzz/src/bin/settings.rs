//! Settings in TOML.
#![no_main]

use host_harness::config::Settings;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(settings) = toml::from_str::<Settings>(text)
        && let Ok(config) = settings.config()
    {
        let text = toml::to_string(&config).expect("a configuration is TOML");
        let again = toml::from_str::<Settings>(&text).expect("its own").config().expect("in range as before");
        assert_eq!(again, config);
    }
});
