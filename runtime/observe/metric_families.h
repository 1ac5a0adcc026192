#pragma once
// The metrics of some nodes as families of prometheus-cpp: what their processes keep, and what the
// nodes know of themselves. Private to runtime/observe.
//
// Threads: any, while the nodes live.

#include <span>
#include <vector>

namespace prometheus {
struct MetricFamily;
}  // namespace prometheus

namespace glasshouse::runtime {

class Node;

// By name, in each by labels; every series has the label `node`. A name is of one kind: where nodes
// differ in that, the first one's is told.
//
// Nothing counts for this: numbers are read where processes keep them anyway. It looks at each slot
// of a process that was ever used.
std::vector<prometheus::MetricFamily> metric_families(std::span<Node* const> nodes);

}  // namespace glasshouse::runtime
