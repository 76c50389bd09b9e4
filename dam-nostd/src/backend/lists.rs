//! Lists of indices, of items or of rows, in one array.

use crate::model::items::Union;

/// Lists of indices, one after the other.
#[derive(Debug)]
pub(crate) struct Lists<'a> {
    pub(super) indices: &'a mut [u16],
    pub(super) offsets: &'a mut [u32],
}

impl<'a> Lists<'a> {
    /// Lists that lie in `indices`; `offsets` has room for one more entry than there are lists.
    pub fn new(indices: &'a mut [u16], offsets: &'a mut [u32]) -> Self {
        Self { indices, offsets }
    }

    /// Writes a list for each of the items `picks`, as `each` makes it of the item's bits; returns how long all are.
    pub(super) fn write(&mut self, union: &Union<'_>, picks: &[u32], each: impl Fn(&[u32], &mut Filling<'_>)) -> usize {
        let mut filling = Filling { indices: self.indices, count: 0 };
        if let Some(first) = self.offsets.first_mut() {
            *first = 0;
        }
        for (end, &pick) in self.offsets.iter_mut().skip(1).zip(picks) {
            each(union.bits(pick as usize), &mut filling);
            *end = filling.count as u32;
        }
        filling.count
    }

    /// Indices, of all lists.
    pub fn indices(&self) -> &[u16] {
        self.indices
    }

    /// The same.
    pub fn indices_mut(&mut self) -> &mut [u16] {
        self.indices
    }

    /// Where each list begins, and the last ends.
    pub fn offsets(&self) -> &[u32] {
        self.offsets
    }

    /// The same.
    pub fn offsets_mut(&mut self) -> &mut [u32] {
        self.offsets
    }

    /// How long the first `lists` lists are together.
    pub fn len(&self, lists: usize) -> usize {
        self.offsets.get(lists).map_or(0, |&end| end as usize)
    }

    /// List `i`.
    #[inline(always)]
    pub fn list(&self, i: usize) -> &[u16] {
        match (self.offsets.get(i), self.offsets.get(i + 1)) {
            (Some(&start), Some(&end)) => self.indices.get(start as usize..end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }
}

/// Lists while they are written.
pub(super) struct Filling<'a> {
    indices: &'a mut [u16],
    count: usize,
}

impl Filling<'_> {
    /// Appends `index`.
    #[inline(always)]
    pub(super) fn push(&mut self, index: usize) {
        self.push_if(true, index);
    }

    /// Appends `index` if `really`, without a jump.
    #[inline(always)]
    pub(super) fn push_if(&mut self, really: bool, index: usize) {
        if let Some(place) = self.indices.get_mut(self.count) {
            *place = index as u16;
            self.count += usize::from(really);
        }
    }
}
