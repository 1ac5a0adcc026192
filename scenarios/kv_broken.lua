-- The same store with a bug: it answers OK before a write is on the disk. Most runs do not notice.
-- A power failure at the wrong moment loses a write that a client was told is safe:
--
--   glasshouse run scenarios/kv_broken.lua --seeds 1..200 --trace broken.db
scenario "kv broken"

local clients = parameter("clients", 3, "how many clients write and read")
local operations = parameter("operations", 200, "of each client, before it reads all it wrote")

local store = node { name = "store", start = "kv", shards = 2, acknowledge_before_sync = true }
workload {
  name = "client", start = "kv_client", count = clients,
  server = store, operations = operations, pause = "20ms",
}

-- The power fails now and then, for a moment.
every("1s", { from = "500ms", to = "5s" }, function()
  if chance "1/2" then
    after(between("0s", "900ms"), fault.crash, { node = store, lasts = "100ms" })
  end
end)

always("no acknowledged write is lost", { every = "1s" }, kv.no_acknowledged_write_is_lost)
run_for "10s"
