// Reading and copying memory: bytes a second from a cache or from memory, by the size of the buffers.
//
//   read_all:  sums[thread] ← Σ a[i] + Σ b[i]      over all chunks that the thread's workgroup takes
//   copy_all:  y[i] ← a[i]
//
// A chunk is 4 · LANES vec4 in a row; in each of its 4 accesses neighbouring threads take neighbouring vec4. A
// workgroup takes `each` chunks: on a GPU all workgroups take turns, so that those at work together are side by side in
// memory; on a processor each takes its own chunks in a row. The buffer may come several times: each time around begins
// 7 chunks further on, so that no core finds again what it took itself the last time. Numbers are integers: sums are
// exact. A read loads each vec4 of a and b once a time around and stores 4 bytes a thread; a copy loads and stores each
// once.
override LANES: u32 = 64;

// Chunks of a buffer, a power of two: less 1, and as the exponent. Chunks of a workgroup, and from one workgroup to the
// next, and from one of its chunks to the next.
struct Params { mask: u32, log: u32, each: u32, group: u32, next: u32 }

@group(0) @binding(0) var<storage, read_write> sums: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> a: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> b: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read> p: Params;

fn start(chunk: u32) -> u32 {
  return ((chunk + 7u * (chunk >> p.log)) & p.mask) * 4u * LANES;
}

@compute @workgroup_size(LANES)
fn read_all(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  var s = vec4<u32>();
  var t = vec4<u32>();
  for (var j = 0u; j < p.each; j++) {
    let i = start(group.x * p.group + j * p.next) + lane;
    s += a[i] + a[i + LANES] + a[i + 2u * LANES] + a[i + 3u * LANES];
    t += b[i] + b[i + LANES] + b[i + 2u * LANES] + b[i + 3u * LANES];
  }
  s += t;
  sums[group.x * LANES + lane] = s.x + s.y + s.z + s.w;
}

@compute @workgroup_size(LANES)
fn copy_all(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  for (var j = 0u; j < p.each; j++) {
    let i = start(group.x * p.group + j * p.next) + lane;
    let v0 = a[i];
    let v1 = a[i + LANES];
    let v2 = a[i + 2u * LANES];
    let v3 = a[i + 3u * LANES];
    y[i] = v0;
    y[i + LANES] = v1;
    y[i + 2u * LANES] = v2;
    y[i + 3u * LANES] = v3;
  }
}

// Numbers to read: y[j], as single integers, is (j + 1) · 2654435761, no two alike.
@compute @workgroup_size(LANES)
fn fill(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  for (var i = group.x * LANES + lane; i < arrayLength(&y); i += groups.x * LANES) {
    y[i] = (4u * i + vec4(1u, 2u, 3u, 4u)) * 2654435761u;
  }
}
