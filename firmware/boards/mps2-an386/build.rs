//! Puts the memory map where the linker finds it.

fn main() {
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    println!("cargo:rustc-link-search={here}");
    println!("cargo:rerun-if-changed=memory.x");
    println!("cargo:rustc-link-arg-bins=--nmagic");
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rustc-link-arg-bin=mps2-an386-demo=-Tdefmt.x");
    println!("cargo:rustc-link-arg-bin=mps2-an386-further=-Tdefmt.x");
    println!("cargo:rustc-link-arg-bin=mps2-an386-whole=-Tdefmt.x");
    println!("cargo:rustc-link-arg-bin=mps2-an386-precisions=-Tdefmt.x");
}
