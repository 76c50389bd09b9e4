//! The application with the hardware abstraction layers that boards' users have: linked, and not run anywhere.

use std::collections::BTreeMap;
use std::path::Path;

use super::image::Image;
use super::{Outcome, processor};
use crate::toolchain::Toolchain;

/// Each layer and its target.
const LAYERS: [(&str, &str); 4] = [
    ("stm32f4xx-hal", "thumbv7em-none-eabihf"),
    ("nrf52840-hal", "thumbv7em-none-eabihf"),
    ("rp2040-hal", "thumbv6m-none-eabi"),
    ("rp235x-hal", "thumbv8m.main-none-eabihf"),
];

/// Links the application with each of them.
///
/// # Errors
/// One does not link, or allocates.
pub fn run(toolchains: &BTreeMap<String, Toolchain>, firmware: &Path, build: &Path) -> Outcome<()> {
    for (layer, target) in LAYERS {
        let name = format!("with-{layer}");
        let mut cargo = toolchains[target].cargo("build");
        cargo.arg("--config").arg(processor(target)).args(["--quiet", "--release", "--locked", "--package", &name]);
        cargo.arg("--manifest-path").arg(firmware.join("hals/Cargo.toml")).arg("--target-dir").arg(build.join("hals"));
        if !cargo.status()?.success() {
            return Err(format!("the application does not build with {layer}").into());
        }
        let size = Image::read(&build.join("hals").join(target).join("release").join(&name))?.size;
        println!("{layer:<18} {size}; linked");
    }
    Ok(())
}
