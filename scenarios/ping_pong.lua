-- region all
scenario "ping pong"

local server = node { name = "pong", start = "pong" }
node { name = "ping", start = "ping", server = server, pause = "10ms" }

every("2s", fault.kill, { node = server, process = "pong" })
at("2500ms", fault.partition, { between = { "ping", "pong" }, lasts = "500ms" })

sometimes("a supervisor restarts pong", function() return seen "restart" > 0 end)
eventually("200 pings are answered", function() return ping.answered() >= 200 end)
run_for "10s"
-- endregion
