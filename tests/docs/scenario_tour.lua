-- The scenario of docs/manual/scenarios.md, region by region. A test runs it.

-- region declarations
scenario "a tour"

local clients = parameter("clients", 3, "how many clients there are")
local fire = parameter("fire", "6s", "when the faults end")

network { latency_least = "200us", latency_most = "3ms" }

local rack = host "rack"
local store = node { name = "store", host = rack, start = "kv", shards = 2 }
local client = workload {
  name = "client", start = "kv_client", count = clients,
  server = rack, operations = 60, pause = "50ms",
}

run_for "12s"
-- endregion

-- region times
at("500ms", function() say("half a second is over, it is", now()) end)
at("1s", fault.kill, { node = store, process = "kv_shard_0" })
every("2s", { from = "1s", to = fire }, function()
  after("100ms", fault.reset, { between = { store, one_of(client) } })
end)
when("kv_port", { again = true }, function(port) say("the store listens on port", port) end)
when(function() return seen "restart" >= 2 end, function() say "two restarts so far" end)
-- endregion

-- region chance
every("1s", { to = fire }, function()
  if chance "1/3" then
    local some = some_of(client, between(1, clients))
    fault.partition { between = { store, some }, lasts = between("100ms", "800ms") }
  end
end)
-- endregion

-- region faults
at("3s", fault.crash, { node = store, lasts = "300ms" })
at("4s", fault.partition, { between = { store, client }, one_way = true, lasts = 0.5*s })
at("5s", function()
  fault.latency { between = { store, client[1] }, least = "10ms", most = "80ms", lasts = "1s" }
  fault.slow_disk { host = rack, least = "2ms", most = "20ms", lasts = "1s" }
end)
at(fire, heal)
-- endregion

-- region properties
always("no acknowledged write is lost", { every = "1s" }, kv.no_acknowledged_write_is_lost)
always("there are never more than three shards", function()
  local shards = processes(store, "kv_shard_0") + processes(store, "kv_shard_1")
  return shards <= 3, "there are " .. shards
end)
eventually("every client is served after the faults end", { from = fire, within = "4s" },
  function() return kv.every_client_is_served { since = fire } end)
sometimes("the store is down", function() return not is_up(store) end)
-- endregion
