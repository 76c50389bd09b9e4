//! Tensors of numbers of 16 bits.

use host_harness::file::tensors;
use host_harness::network::Weights;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

#[test]
fn memories_and_probes_of_16_bits_are_read_as_the_numbers_they_are() {
    // 1, -1, 0.5, the least half above zero, 65504; as bfloat16 the first three and two others of its own range.
    let halves: [u16; 7] = [0x3c00, 0xbc00, 0x3800, 0x0001, 0x7bff, 0x8000, 0x3555];
    let brains: [u16; 7] = [0x3f80, 0xbf80, 0x3f00, 0x0001, 0x7f7f, 0x8000, 0x3eab];
    let metadata = || [("n", "2"), ("tasks", "1"), ("classes", "2")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    for (dtype, bits, expected) in [
        (Dtype::F16, halves, [1.0, -1.0, 0.5, 2.0_f32.powi(-24), 65504.0, -0.0, 0.333_251_95]),
        (Dtype::BF16, brains, brains.map(|bits| f32::from_bits(u32::from(bits) << 16))),
    ] {
        let bytes: Vec<u8> = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
        let tensor = TensorView::new(dtype, vec![1, 7], &bytes).unwrap();
        let file = safetensors::serialize([("memories", tensor)], Some(metadata().into())).unwrap();
        let network = tensors::decode_network(&file).unwrap();
        assert_eq!(network.weights, Weights::F32(expected.to_vec()), "{dtype:?}");
        let (on, off) = (bits[0].to_le_bytes(), bits[1].to_le_bytes());
        let row = [on, off, off, on, on, off, on].concat();
        let probes = TensorView::new(dtype, vec![1, 7], &row).unwrap();
        let file = safetensors::serialize([("probes", probes)], None).unwrap();
        assert_eq!(tensors::decode_probes(&file, &network.shape().unwrap()).unwrap(), [0b101_1001]);
    }
}
