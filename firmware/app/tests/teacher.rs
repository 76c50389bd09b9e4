//! Items over a line that is a slice of bytes.

use dam_firmware::{Lesson, Teacher};
use dam_nostd::Shape;

#[test]
fn items_come_as_text() {
    let shape = Shape::new(40, 2, 4, 3).unwrap();
    let text = b"hello\n3 80000001 000000ff\r\n4 00000000 00000000\n2 0000000 00000000\n1 00000000\n\
        1 00000000 00000100\n10 0 0\n 0  00000010   00000002 \nlearn\n2 00";
    let mut teacher = Teacher::new(&text[..]);
    let mut state = [9; 2];
    let mut next = |task| {
        let lesson = teacher.next(&shape, task, &mut state).unwrap();
        (lesson, state)
    };
    // Pixels, then the task's neuron, then the class's.
    assert_eq!(next(1), (Some(Lesson::Item), [0x8000_0001, 0xff | 1 << 9 | 1 << 13]));
    assert_eq!(next(0), (Some(Lesson::Item), [0x10, 2 | 1 << 8 | 1 << 10]));
    assert_eq!(next(0).0, Some(Lesson::Learn));
    assert_eq!(next(0).0, None);
}
