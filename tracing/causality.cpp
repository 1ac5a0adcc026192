#include "tracing/causality.h"

#include <algorithm>
#include <map>
#include <string>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/strong_components.hpp>

namespace glasshouse::tracing {

using Sparse = boost::compressed_sparse_row_graph<boost::bidirectionalS>;
using Vertex = boost::graph_traits<Sparse>::vertex_descriptor;

struct HappensBefore::Graph {
  Seq first = 1;
  Seq last = 0;
  std::vector<std::pair<Seq, Seq>> edges;
  Sparse sparse;

  bool contains(Seq seq) const { return seq >= first && seq <= last; }
  Vertex vertex(Seq seq) const { return static_cast<Vertex>(seq - first); }
  Seq seq(Vertex vertex) const { return first + vertex; }

  // Who came before each vertex in a breadth-first search; null_vertex() for what was not reached.
  // The start came before itself.
  std::vector<Vertex> search(Seq from, bool backward) const;
  std::vector<Seq> reached(Seq from, bool backward) const;
};

namespace {

constexpr std::size_t page_events = 16'384;
constexpr Vertex unreached = ~Vertex{0};

template <class Searched>
std::vector<Vertex> predecessors(const Searched& graph, Vertex from) {
  std::vector<Vertex> before(boost::num_vertices(graph), unreached);
  before[from] = from;
  const auto recorder = boost::record_predecessors(before.data(), boost::on_tree_edge());
  boost::breadth_first_search(graph, from, boost::visitor(boost::make_bfs_visitor(recorder)));
  return before;
}

// Adds the edges into one event, and remembers it as the latest of those who took part.
void add_edges(const EventRecord& event, Seq first, std::map<ProcessNumber, Seq>& latest,
               std::vector<std::pair<Seq, Seq>>& edges) {
  const auto add = [&](Seq earlier) {
    if (earlier >= first && earlier < event.seq) edges.emplace_back(earlier, event.seq);
  };
  // A spawn is done by the parent and begins the child.
  const bool is_spawn = event.kind == EventKind::spawn;
  const ProcessNumber actor = is_spawn ? event.peer.number : event.subject.number;
  if (actor != 0) {
    Seq& last = latest[actor];
    if (last != 0) add(last);
    last = event.seq;
  }
  if (is_spawn && event.subject.number != 0) latest[event.subject.number] = event.seq;
  if (event.cause != 0) add(event.cause);
}

}  // namespace

std::vector<Vertex> HappensBefore::Graph::search(Seq from, bool backward) const {
  return backward ? predecessors(boost::make_reverse_graph(sparse), vertex(from))
                  : predecessors(sparse, vertex(from));
}

std::vector<Seq> HappensBefore::Graph::reached(Seq from, bool backward) const {
  std::vector<Seq> seqs;
  if (!contains(from)) return seqs;
  const auto before = search(from, backward);
  for (Vertex v = 0; v < before.size(); ++v) {
    if (before[v] != unreached && seq(v) != from) seqs.push_back(seq(v));
  }
  return seqs;
}

Result<HappensBefore> HappensBefore::of(Reader& reader, Seq first, Seq last) {
  auto graph = std::make_shared<Graph>();
  graph->first = std::max<Seq>(first, 1);
  graph->last = std::min(last, reader.run().events);
  const Seq count = graph->last >= graph->first ? graph->last - graph->first + 1 : 0;
  if (count > window_max) {
    return runtime::Error("A picture of causes holds at most " + std::to_string(window_max) +
                              " events; choose a smaller part of the trace.",
                          "too_large");
  }
  std::map<ProcessNumber, Seq> latest;
  for (Seq from = graph->first; from <= graph->last; from += page_events) {
    const Seq until = std::min(graph->last, from + page_events - 1);
    auto events = reader.events({.first = from, .last = until, .limit = page_events});
    if (!events) return events.error();
    for (const EventRecord& event : *events) {
      add_edges(event, graph->first, latest, graph->edges);
    }
  }
  std::vector<std::pair<Vertex, Vertex>> edges;
  edges.reserve(graph->edges.size());
  for (const auto& [earlier, later] : graph->edges) {
    edges.emplace_back(graph->vertex(earlier), graph->vertex(later));
  }
  graph->sparse = Sparse(boost::edges_are_unsorted_multi_pass, edges.begin(), edges.end(), count);
  return HappensBefore(std::move(graph));
}

std::vector<Seq> HappensBefore::past(Seq seq) const {
  return graph_->reached(seq, true);
}
std::vector<Seq> HappensBefore::future(Seq seq) const {
  return graph_->reached(seq, false);
}

const std::vector<std::pair<Seq, Seq>>& HappensBefore::edges() const {
  return graph_->edges;
}

std::vector<Seq> HappensBefore::chain(Seq earlier, Seq later) const {
  std::vector<Seq> chain;
  if (!graph_->contains(earlier) || !graph_->contains(later)) return chain;
  const auto before = graph_->search(earlier, false);
  Vertex at = graph_->vertex(later);
  if (before[at] == unreached) return chain;
  for (; before[at] != at; at = before[at])
    chain.push_back(graph_->seq(at));
  chain.push_back(earlier);
  std::reverse(chain.begin(), chain.end());
  return chain;
}

bool HappensBefore::leads_to(Seq earlier, Seq later) const {
  if (earlier >= later || !graph_->contains(earlier) || !graph_->contains(later)) return false;
  return graph_->search(earlier, false)[graph_->vertex(later)] != unreached;
}

bool HappensBefore::concurrent(Seq a, Seq b) const {
  return a != b && !leads_to(a, b) && !leads_to(b, a);
}

// The window grows until it holds enough of the past.
Result<std::vector<Seq>> causal_past(Reader& reader, Seq seq, std::size_t limit) {
  Seq width = std::max<Seq>(4 * limit, 1'024);
  for (;;) {
    width = std::min<Seq>(width, window_max);
    const Seq first = seq > width ? seq - width + 1 : 1;
    auto graph = HappensBefore::of(reader, first, seq);
    if (!graph) return graph.error();
    auto past = graph->past(seq);
    if (past.size() >= limit || first == 1 || width == window_max) {
      if (past.size() > limit) {
        past.erase(past.begin(), past.end() - static_cast<std::ptrdiff_t>(limit));
      }
      return past;
    }
    width *= 4;
  }
}

// -- waiting --------------------------------------------------------------------------------------

namespace {

using WaitsFor = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

// Everyone waits for one other at most, so a strongly connected component of several is a circle:
// walked from its oldest member.
std::vector<std::vector<ProcessName>> circles(const std::vector<WaitEdge>& edges) {
  std::map<ProcessNumber, std::size_t> places;
  for (const WaitEdge& edge : edges) {
    places.emplace(edge.who.number, places.size());
    places.emplace(edge.whom.number, places.size());
  }
  WaitsFor graph(places.size());
  std::map<ProcessNumber, const WaitEdge*> waiting;
  for (const WaitEdge& edge : edges) {
    boost::add_edge(places[edge.who.number], places[edge.whom.number], graph);
    waiting[edge.who.number] = &edge;
  }
  std::vector<int> component(places.size());
  const int count = boost::strong_components(
      graph,
      boost::make_iterator_property_map(component.begin(), boost::get(boost::vertex_index, graph)));
  std::vector<bool> walked(static_cast<std::size_t>(count), false);
  std::vector<std::vector<ProcessName>> found;
  for (const auto& [number, edge] : waiting) {
    const int own = component[places[number]];
    if (component[places[edge->whom.number]] != own) continue;
    if (walked[static_cast<std::size_t>(own)]) continue;
    walked[static_cast<std::size_t>(own)] = true;
    std::vector<ProcessName> circle;
    ProcessNumber next = number;
    do {
      circle.push_back(waiting[next]->who);
      next = waiting[next]->whom.number;
    } while (next != number);
    found.push_back(std::move(circle));
  }
  return found;
}

}  // namespace

Result<WaitGraph> who_waits(Reader& reader, Seq at) {
  auto rows = reader.processes(at);
  if (!rows) return rows.error();
  WaitGraph graph;
  for (const ProcessRow& row : *rows) {
    if (row.state != ProcessState::waiting || row.waiting_whom == 0) continue;
    auto who = reader.name_of(row.number);
    if (!who) return who.error();
    auto whom = reader.name_of(row.waiting_whom);
    if (!whom) return whom.error();
    graph.edges.push_back({std::move(*who), std::move(*whom), row.waiting_for, row.since});
  }
  graph.cycles = circles(graph.edges);
  return graph;
}

}  // namespace glasshouse::tracing
