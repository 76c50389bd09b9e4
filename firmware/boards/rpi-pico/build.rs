//! Puts the memory map where the linker finds it.

fn main() {
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    println!("cargo:rustc-link-search={here}");
    println!("cargo:rerun-if-changed=memory.x");
    println!("cargo:rustc-link-arg-bins=--nmagic");
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    // The name by which probes find what the recall image logs.
    println!("cargo:rustc-link-arg-bin=rpi-pico-recall=--defsym=_SEGGER_RTT=ANSWERS");
    println!("cargo:rustc-link-arg-bin=rpi-pico-demo=-Tdefmt.x");
}
