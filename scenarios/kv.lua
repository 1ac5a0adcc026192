-- A key-value store that speaks the Redis protocol: shards with write-ahead logs, one process for
-- each connection, all supervised.
--
--   glasshouse run scenarios/kv.lua --on multicore --set port=6380      redis-cli -p 6380
--
-- With kill_every, a shard or a connection is killed that often while it serves; the supervisors
-- start shards again, and no acknowledged write is lost.
scenario "kv"

local port = parameter("port", 6379, "where it listens; 0: any free one")
local shards = parameter("shards", 4, "how many parts the store has; fixed for a folder")
local folder = parameter("folder", "kv", "of the logs, on the disk of the node")
local kill_every = parameter("kill_every", "0s", "how often a shard or a connection is killed")

local store = node { name = "store", start = "kv", port = port, shards = shards, folder = folder }

if kill_every > 0*s then
  every(kill_every, function()
    -- As in OTP, a tree does not come up at all if one is killed while it starts the first time.
    if probe "kv_port" == 0 then return end
    if chance "1/2" then
      fault.kill { node = store, process = "kv_shard_" .. between(0, shards - 1) }
    else
      fault.kill { node = store, process = "kv_connection" }
    end
  end)
end

run_for "10s" -- simulated; on many cores it serves until it is stopped
