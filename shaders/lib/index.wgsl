// Linear ids over a grid that the device folded into (x, y) because one dimension holds at most 65,535 workgroups.

const LANES = 256u;

// Number of this workgroup, counted row by row over the grid.
fn group_index(group: vec3<u32>, groups: vec3<u32>) -> u32 {
  return group.y * groups.x + group.x;
}

// Number of this thread among all threads of the dispatch; kernels compare it with their size.
fn thread_index(group: vec3<u32>, groups: vec3<u32>, lane: u32) -> u32 {
  return group_index(group, groups) * LANES + lane;
}
