// y[i] = the largest (OP = MAX) or smallest x[kept view at i + reduced view at j] over j, index[i] = its j: the first
// at ties, and the first NaN where there is one. Params as in reduce.wgsl. With several splits y and index are scratch
// buffers that hold those of each split, of which extremum_pick takes the best.
// Values are compared as integer keys in which NaN is the greatest, so that no arithmetic may assume it away.
// Thread: a thread per result; rows: the same, four elements at a time; group: a workgroup per result. x is read once,
// and the found element again; y and index are written once.
// kernel: extremum
// uses: index view bits
struct Params { kept: vec4<u32>, reduced: vec4<u32>, ks: vec4<i32>, rs: vec4<i32> }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read_write> index: array<i32>;
@group(0) @binding(3) var<storage, read> x: array<u32>;
// The same buffer, four elements at a time; where splits are read, what they found, in x's place, and where.
@group(0) @binding(3) var<storage, read> x4: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> values: array<u32>;
@group(0) @binding(4) var<storage, read> places: array<i32>;

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

// The elements [begin, end) of split e, and where those of its result begin.
struct Range { begin: u32, end: u32, base: u32 }

fn range_of(e: u32) -> Range {
  let i = e / p.kept.w;
  let begin = (e - i * p.kept.w) * p.reduced.w;
  let base = view_address(i, p.kept.x, p.kept.y, p.kept.z, p.ks);
  return Range(begin, min(begin + p.reduced.w, p.reduced.x), base);
}

// One thread per result, or split of one.
@compute @workgroup_size(LANES)
fn extremum_thread(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.kept.x * p.kept.w) { return; }
  let own = range_of(e);
  var best = nothing();
  for (var j = own.begin; j < own.end; j++) {
    let k = key(x[address(own.base, j)]);
    if (k > best.key || j == own.begin) { best = Best(k, j); }
  }
  y[e] = x[address(own.base, best.j)];
  index[e] = i32(best.j);
}

fn keys_of(v: vec4<u32>) -> vec4<i32> { return vec4<i32>(key(v.x), key(v.y), key(v.z), key(v.w)); }

// The same, where the reduced elements lie side by side in aligned vec4s. Each component has its own best.
@compute @workgroup_size(LANES)
fn extremum_rows(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.kept.x * p.kept.w) { return; }
  let own = range_of(e);
  let start = own.base / 4u;
  var best = keys_of(x4[start + own.begin / 4u]);
  var found = vec4<u32>(own.begin);
  for (var j = own.begin + 4u; j < own.end; j += 4u) {
    let k = keys_of(x4[start + j / 4u]);
    let wins = k > best;
    best = select(best, k, wins);
    found = select(found, vec4<u32>(j), wins);
  }
  let left = better(Best(best.x, found.x), Best(best.y, found.y + 1u));
  let right = better(Best(best.z, found.z + 2u), Best(best.w, found.w + 3u));
  let j = better(left, right).j;
  y[e] = x4[start + j / 4u][j & 3u];
  index[e] = i32(j);
}

// One thread per result takes the best of its splits, which are in order.
@compute @workgroup_size(LANES)
fn extremum_pick(thread: Thread) {
  let i = thread_index(thread);
  if (i >= p.kept.x) { return; }
  let begin = i * p.kept.w;
  var best = begin;
  var best_key = key(values[begin]);
  for (var s = begin + 1u; s < begin + p.kept.w; s++) {
    let k = key(values[s]);
    best = select(best, s, k > best_key);
    best_key = max(k, best_key);
  }
  y[i] = values[best];
  index[i] = places[best];
}

var<workgroup> keys: array<i32, LANES>;
var<workgroup> at: array<u32, LANES>;

// One workgroup per result, or split of one: lanes stride the reduced elements, then a tree.
@compute @workgroup_size(LANES)
fn extremum_group(thread: Thread) {
  let lane = thread.lane;
  let e = group_index(thread);
  let inside = e < p.kept.x * p.kept.w;
  let own = range_of(e);
  var best = nothing();
  for (var j = own.begin + lane; j < select(0u, own.end, inside); j += LANES) {
    best = better(best, Best(key(x[address(own.base, j)]), j));
  }
  keys[lane] = best.key;
  at[lane] = best.j;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      best = better(best, Best(keys[lane + half], at[lane + half]));
      keys[lane] = best.key;
      at[lane] = best.j;
    }
  }
  if (lane == 0u && inside) {
    y[e] = x[address(own.base, best.j)];
    index[e] = i32(best.j);
  }
}
