// Operations of subgroups a second. l is a thread's number in its subgroup; x begins as (1, 2, 3, 4)·l.
//
//   add:        x ← subgroupAdd(x) + l
//   shuffle:    x ← subgroupShuffleXor(x, 1) + l
//   broadcast:  x ← subgroupBroadcast(x, 1) + l
//
// x has four components, so that four chains hide the latency of one, and is an unsigned integer, which wraps and stays
// exact. The body is written out 4 times: 16 · rounds operations a thread. It stores the sum of its chains and the size
// of its subgroup: 8 bytes.
enable subgroups;

override LANES: u32 = 64;

@group(0) @binding(0) var<storage, read_write> y: array<vec2<u32>>;
// rounds
@group(0) @binding(1) var<storage, read> p: array<u32>;

fn store(at: u32, x: vec4<u32>, size: u32) {
  y[at] = vec2(x.x + x.y + x.z + x.w, size);
}

@compute @workgroup_size(LANES)
fn subgroup_add(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(subgroup_invocation_id) l: u32,
  @builtin(subgroup_size) size: u32,
) {
  var x = vec4(1u, 2u, 3u, 4u) * l;
  let rounds = p[0];
  for (var r = 0u; r < rounds; r++) {
    x = subgroupAdd(x) + l;
    x = subgroupAdd(x) + l;
    x = subgroupAdd(x) + l;
    x = subgroupAdd(x) + l;
  }
  store(id.x, x, size);
}

@compute @workgroup_size(LANES)
fn subgroup_shuffle(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(subgroup_invocation_id) l: u32,
  @builtin(subgroup_size) size: u32,
) {
  var x = vec4(1u, 2u, 3u, 4u) * l;
  let rounds = p[0];
  for (var r = 0u; r < rounds; r++) {
    x = subgroupShuffleXor(x, 1u) + l;
    x = subgroupShuffleXor(x, 1u) + l;
    x = subgroupShuffleXor(x, 1u) + l;
    x = subgroupShuffleXor(x, 1u) + l;
  }
  store(id.x, x, size);
}

@compute @workgroup_size(LANES)
fn subgroup_broadcast(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(subgroup_invocation_id) l: u32,
  @builtin(subgroup_size) size: u32,
) {
  var x = vec4(1u, 2u, 3u, 4u) * l;
  let rounds = p[0];
  for (var r = 0u; r < rounds; r++) {
    x = subgroupBroadcast(x, 1u) + l;
    x = subgroupBroadcast(x, 1u) + l;
    x = subgroupBroadcast(x, 1u) + l;
    x = subgroupBroadcast(x, 1u) + l;
  }
  store(id.x, x, size);
}
