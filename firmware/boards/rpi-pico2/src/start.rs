//! What the boot ROM looks for.

/// Tells the boot ROM that this is a program for the Arm cores in secure state.
#[unsafe(link_section = ".start_block")]
#[used]
static IMAGE: [u32; 5] = [0xffff_ded3, 0x1021_0142, 0x0000_01ff, 0x0000_0000, 0xab12_3579];
