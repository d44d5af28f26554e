-- Asks for what known users want, one of USERS a request, of four of 16 genres and the cheaper three quarters, with 50 of ITEMS excluded, all
-- at random; the key is KEY.
local headers = {["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. os.getenv("KEY")}
local users, items = tonumber(os.getenv("USERS")), tonumber(os.getenv("ITEMS"))

function init()
  math.randomseed(os.time())
end

function request()
  local excluded = {}
  for i = 1, 50 do
    excluded[i] = string.format('"i%06d"', math.random(items) - 1)
  end
  local genres = {}
  for i = 1, 4 do
    genres[i] = string.format('"genre %d"', math.random(16) - 1)
  end
  return wrk.format("POST", nil, headers, string.format(
    '{"inputs":{"user":"u%06d"},"parameters":{"exclude":[%s],"filter":{"genre":[%s],"price":{"max":40}}}}',
    math.random(users) - 1, table.concat(excluded, ","), table.concat(genres, ",")))
end
