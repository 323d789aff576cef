// Where a thread is, in a grid that the device folded into (x, y) because one dimension holds at most 65,535
// workgroups.

const LANES = 256u;

// The argument of every entry point.
struct Thread {
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
}

// Number of this workgroup, counted row by row over the grid.
fn group_index(thread: Thread) -> u32 {
  return thread.group.y * thread.groups.x + thread.group.x;
}

// Number of this thread among all threads of the dispatch; kernels compare it with their size. Workgroups of LANES
// threads.
fn thread_index(thread: Thread) -> u32 {
  return group_index(thread) * LANES + thread.lane;
}
