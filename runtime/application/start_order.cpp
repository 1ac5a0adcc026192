#include "runtime/application/start_order.h"

#include <algorithm>
#include <optional>
#include <string>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/depth_first_search.hpp>

namespace glasshouse::runtime {

namespace {

// An edge goes from an application to one it needs, edges in the order named.
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
using Vertex = boost::graph_traits<Graph>::vertex_descriptor;

bool contains(const std::vector<Atom>& names, Atom name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string quoted(Atom name) {
  return "'" + std::string(name.text()) + "'";
}

// A topological sort that remembers the way, so that it can name a circle.
class Order : public boost::default_dfs_visitor {
 public:
  Order(std::vector<Vertex>* order, std::vector<Vertex>* way, std::vector<Vertex>* circle)
      : order_(order), way_(way), circle_(circle) {}
  void discover_vertex(Vertex vertex, const Graph&) { way_->push_back(vertex); }
  void finish_vertex(Vertex vertex, const Graph&) {
    way_->pop_back();
    order_->push_back(vertex);
  }
  template <class Edge>
  void back_edge(Edge edge, const Graph& graph) {
    if (!circle_->empty()) return;
    const Vertex first = boost::target(edge, graph);
    circle_->assign(std::find(way_->begin(), way_->end(), first), way_->end());
    circle_->push_back(first);
  }

 private:
  std::vector<Vertex>* order_;
  std::vector<Vertex>* way_;
  std::vector<Vertex>* circle_;
};

Error cycle_error(const std::vector<Vertex>& circle, const std::vector<Atom>& names) {
  std::string text = "applications need each other in a circle: ";
  for (std::size_t i = 0; i < circle.size(); ++i) {
    if (i > 0) text += " needs ";
    text += quoted(names[circle[i]]);
  }
  return Error(text + "; take one of these out of `applications`", "cycle");
}

}  // namespace

Result<std::vector<Atom>> start_order(const NeedsOf& loaded, Atom wanted) {
  if (!loaded.contains(wanted)) {
    return Error("application " + quoted(wanted) + " is not loaded", "not_loaded");
  }
  std::vector<Atom> names;
  std::map<Atom, Vertex> vertexes;
  for (const auto& [name, needs] : loaded) {
    vertexes.emplace(name, names.size());
    names.push_back(name);
  }
  Graph graph(names.size());
  std::map<Vertex, Atom> missing;  // what a vertex needs and is not there
  for (const auto& [name, needs] : loaded) {
    for (const Atom need : needs.applications) {
      const auto found = vertexes.find(need);
      if (found != vertexes.end()) {
        boost::add_edge(vertexes[name], found->second, graph);
      } else if (!contains(needs.optional_applications, need)) {
        missing.emplace(vertexes[name], need);
      }
    }
  }
  std::vector<Vertex> order;
  std::vector<Vertex> way;
  std::vector<Vertex> circle;
  std::vector<boost::default_color_type> colours(names.size());
  boost::depth_first_visit(
      graph, vertexes[wanted], Order(&order, &way, &circle),
      boost::make_iterator_property_map(colours.begin(), boost::get(boost::vertex_index, graph)));
  if (!circle.empty()) return cycle_error(circle, names);
  std::vector<Atom> result;
  for (const Vertex vertex : order) {
    if (const auto lacks = missing.find(vertex); lacks != missing.end()) {
      return Error("application " + quoted(names[vertex]) + " needs " + quoted(lacks->second) +
                       ", which is not loaded",
                   "not_loaded");
    }
    result.push_back(names[vertex]);
  }
  return result;
}

}  // namespace glasshouse::runtime
