#include "scenarios/kv/kv.h"

#include <string>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/behaviour/supervisor.h"
#include "scenarios/kv/acceptor.h"
#include "scenarios/kv/shard.h"

namespace glasshouse::scenarios::kv {

using runtime::Atom;
using runtime::ChildSpec;
using runtime::Duration;
using runtime::Restart;
using runtime::Strategy;
using runtime::SupervisorSpec;
using namespace runtime::literals;

namespace {

constexpr Duration limit_period = Duration::seconds(5);
constexpr runtime::RestartLimit tree_limit{.intensity = 10, .period = limit_period};

SupervisorSpec shard_supervisor(const Options& options) {
  SupervisorSpec spec{.name = "kv_shard_sup"_atom,
                      .strategy = Strategy::one_for_one,
                      .limit = {.intensity = options.restarts_max, .period = limit_period}};
  for (std::uint32_t index = 0; index < options.shards; ++index) {
    ShardOptions shard{.index = index,
                       .folder = options.folder,
                       .acknowledge = options.acknowledge,
                       .rewrite_bytes_least = options.rewrite_bytes_least};
    const Atom name = shard_name(index);
    spec.children.push_back(
        {.id = name, .start = runtime::named_child<KvShard>(name, std::move(shard))});
  }
  return spec;
}

SupervisorSpec connection_supervisor() {
  SupervisorSpec spec{.name = "kv_connection_sup"_atom, .strategy = Strategy::simple_one_for_one};
  // The pattern; each connection comes with its own start.
  spec.children.push_back({.id = "kv_connection"_atom,
                           .start = {},
                           .restart = Restart::temporary,
                           .shutdown = Duration::seconds(1)});
  return spec;
}

}  // namespace

Atom shard_name(std::uint32_t index) {
  return Atom("kv_shard_" + std::to_string(index));
}

runtime::Pid start(runtime::Node& node, const Options& options) {
  CHECK(options.shards >= 1);
  CHECK(options.shards <= shards_max);
  SupervisorSpec spec{
      .name = "kv_sup"_atom, .strategy = Strategy::rest_for_one, .limit = tree_limit};
  spec.children.push_back(
      runtime::supervisor_child("kv_shard_sup"_atom, shard_supervisor(options)));
  spec.children.push_back(
      runtime::supervisor_child("kv_connection_sup"_atom, connection_supervisor()));
  spec.children.push_back({.id = "kv_acceptor"_atom,
                           .start = runtime::named_child<KvAcceptor>("kv_acceptor"_atom, options)});
  return runtime::start_supervisor_on(node, std::move(spec));
}

}  // namespace glasshouse::scenarios::kv
