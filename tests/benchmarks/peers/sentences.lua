-- wrk script: POST {"inputs": <a sentence of TSV>}, the next one each request; the key, if any, from KEY.
local bodies = {}
for line in io.lines(os.getenv("TSV")) do
  local sentence = line:match("^(.-)\t[01]$")
  if sentence then
    bodies[#bodies + 1] = '{"inputs":"' .. sentence:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"}'
  end
end
local next_body = 0
local headers = { ["Content-Type"] = "application/json" }
if os.getenv("KEY") then headers["Authorization"] = "Bearer " .. os.getenv("KEY") end

function init()
  math.randomseed(os.time())
  next_body = math.random(#bodies)
end

function request()
  next_body = next_body % #bodies + 1
  return wrk.format("POST", nil, headers, bodies[next_body])
end
