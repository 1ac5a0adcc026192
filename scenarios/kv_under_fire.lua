-- A key-value store under fire. Clients on other hosts write and read, and write down what they
-- were told. Meanwhile shards and connections are killed, the network is cut, in one direction or
-- both, slow or lossy, the disk is slow, and the power of the store's host fails: what was not
-- synced may be gone. Which of it happens when is drawn from the seed. Then the faults end, and
-- everybody must be served again, with nothing lost that was ever acknowledged.
scenario "kv under fire"

local clients = parameter("clients", 4, "how many clients write and read")
local operations = parameter("operations", 150, "of each client, before it reads all it wrote")
local shards = parameter("shards", 3, "how many parts the store has")
local fire = parameter("fire", "12s", "when the faults end")
local broken = parameter("broken", false, "acknowledge writes before they are on the disk")

network { latency_least = "200us", latency_most = "3ms" }

local store = node {
  name = "store", start = "kv", shards = shards, acknowledge_before_sync = broken,
}
local client = workload {
  name = "client", start = "kv_client", count = clients,
  server = store, operations = operations, pause = "60ms",
}

-- Processes crash all the time; their supervisors see to it.
every("700ms", { to = fire }, function()
  if chance "2/3" then
    fault.kill { node = store, process = "kv_shard_" .. between(0, shards - 1) }
  else
    fault.kill { node = store, process = one_of { "kv_connection", "kv_acceptor" } }
  end
end)

-- The network fails in one way or another.
every("900ms", { to = fire }, function()
  local far = { store, some_of(client, between(1, clients)) }
  local lasts = between("50ms", "800ms")
  one_of {
    function() fault.partition { between = far, lasts = lasts } end,
    function() fault.partition { between = far, one_way = chance "1/2", lasts = lasts } end,
    function() fault.latency { between = far, least = "5ms", most = "120ms", lasts = lasts } end,
    function()
      fault.stall { between = far, chance = "1/10", least = "50ms", most = "300ms", lasts = lasts }
    end,
    function() fault.reset { between = far } end,
  }()
end)

-- The disk gets slow, and now and then the power of the store fails.
every("1500ms", { to = fire }, function()
  if chance "1/2" then
    local lasts = between("100ms", "700ms")
    fault.slow_disk { host = store, least = "2ms", most = "30ms", lasts = lasts }
  end
end)
at(between("2s", "4s"), fault.crash, { node = store, lasts = between("100ms", "900ms") })
at(between("6s", "10s"), fault.crash, { node = store, lasts = between("100ms", "900ms") })
at(fire, heal)

-- The service manager of the host. A restart that fails is tried again by its supervisor; but when
-- a shard is killed while the whole tree starts for the first time, the start of the store has
-- failed, as that of an application of OTP, and its program is started again.
when(function() return is_up(store) and processes(store, "kv_sup") == 0 end,
  { every = "100ms", again = true }, fault.crash, { node = store, power = false, lasts = "100ms" })

always("no acknowledged write is lost", { every = "2s" }, kv.no_acknowledged_write_is_lost)
eventually("every client is served after the faults end", { from = fire, within = "6s" },
  function() return kv.every_client_is_served { since = fire } end)
sometimes("the store loses its power", function() return seen("fault_begin", "node.crash") > 0 end)
sometimes("a supervisor restarts a process", function() return seen("restart", "restart") > 0 end)

run_for "20s"
