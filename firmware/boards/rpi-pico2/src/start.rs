//! What the boot ROM looks for, and what interrupts lead to.

/// Tells the boot ROM that this is a program for the Arm cores in secure state.
#[unsafe(link_section = ".start_block")]
#[used]
static IMAGE: [u32; 5] = [0xffff_ded3, 0x1021_0142, 0x0000_01ff, 0x0000_0000, 0xab12_3579];

unsafe extern "C" {
    fn DefaultHandler();
}

/// The processor's 52 interrupts, of which none is used: vectors for all that a Cortex-M33 may have would take 1920 bytes.
#[unsafe(link_section = ".vector_table.interrupts")]
#[unsafe(no_mangle)]
pub static __INTERRUPTS: [unsafe extern "C" fn(); 52] = [DefaultHandler; 52];
