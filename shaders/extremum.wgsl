// y[i] = the largest (OP = MAX) or smallest x[kept view at i + reduced view at j] over j, index[i] = its j: the first
// at ties, and the first NaN where there is one. Params as in reduce.wgsl, with splits = 1.
// Values are compared as integer keys in which NaN is the greatest, so that no arithmetic may assume it away.
// Thread: a thread per result; group: a workgroup per result. x is read once, and the found element again; y and index
// are written once.
// kernel: extremum
// uses: index view bits
struct Params { kept: vec4<u32>, reduced: vec4<u32>, ks: vec4<i32>, rs: vec4<i32> }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read_write> index: array<i32>;
@group(0) @binding(3) var<storage, read> x: array<u32>;

override OP: u32 = 0u;
override INT: u32 = 0u;

const MAX = 0u;
const MIN = 1u;

struct Best { key: i32, j: u32 }

// Less than or equal to every key, at a position after every other.
fn nothing() -> Best {
  return Best(-2147483647 - 1, 0xffffffffu);
}

// An integer that orders as the value does: greater is better, equal values (0 and −0 too) have equal keys.
fn key(bits: u32) -> i32 {
  var k = bitcast<i32>(bits);
  if (INT == 0u) {
    k = select(k, 0, bits == 0x80000000u);
    k = select(k, k ^ 0x7fffffff, k < 0);
  }
  k = select(k, ~k, OP == MIN);
  return select(k, 0x7fffffff, INT == 0u && is_nan(bitcast<f32>(bits)));
}

fn better(a: Best, b: Best) -> Best {
  let b_wins = b.key > a.key || (b.key == a.key && b.j < a.j);
  return Best(select(a.key, b.key, b_wins), select(a.j, b.j, b_wins));
}

fn address(base: u32, j: u32) -> u32 {
  return base + view_address(j, p.reduced.x, p.reduced.y, p.reduced.z, p.rs);
}

// One thread per result.
@compute @workgroup_size(LANES)
fn extremum_thread(thread: Thread) {
  let i = thread_index(thread);
  if (i >= p.kept.x) { return; }
  let base = view_address(i, p.kept.x, p.kept.y, p.kept.z, p.ks);
  var best = nothing();
  for (var j = 0u; j < p.reduced.x; j++) {
    let k = key(x[address(base, j)]);
    if (k > best.key || j == 0u) { best = Best(k, j); }
  }
  y[i] = x[address(base, best.j)];
  index[i] = i32(best.j);
}

var<workgroup> keys: array<i32, LANES>;
var<workgroup> places: array<u32, LANES>;

// One workgroup per result: lanes stride the reduced elements, then a tree.
@compute @workgroup_size(LANES)
fn extremum_group(thread: Thread) {
  let lane = thread.lane;
  let i = group_index(thread);
  let inside = i < p.kept.x;
  let base = view_address(i, p.kept.x, p.kept.y, p.kept.z, p.ks);
  var best = nothing();
  for (var j = lane; j < select(0u, p.reduced.x, inside); j += LANES) {
    best = better(best, Best(key(x[address(base, j)]), j));
  }
  keys[lane] = best.key;
  places[lane] = best.j;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      best = better(best, Best(keys[lane + half], places[lane + half]));
      keys[lane] = best.key;
      places[lane] = best.j;
    }
  }
  if (lane == 0u && inside) {
    y[i] = x[address(base, best.j)];
    index[i] = i32(best.j);
  }
}
