// What a dispatch costs when its kernel does next to nothing.
//
//   empty:  nothing
//   next:   y[0] ← y[0] + 1, in one thread: the next dispatch reads what this one wrote, and has to wait for it
@group(0) @binding(0) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(1)
fn empty() {}

@compute @workgroup_size(1)
fn next() {
  y[0] += 1u;
}
