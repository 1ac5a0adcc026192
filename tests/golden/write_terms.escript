#!/usr/bin/env escript
%% -*- erlang -*-
%% What OTP says about random terms: run with OTP 25 in this folder, and it writes
%%   terms.txt        two lines a term: as ~w writes it, and as ~p writes it on one line
%%   term_order.txt   {A,B,Order,Same} a line, Order being lt, eq or gt
-mode(compile).

main([]) ->
    rand:seed(exsss, {25, 0, 1}),
    write("terms.txt", fun term_and_text/1, 400),
    write("term_order.txt", fun pair_and_order/1, 600).

write(_, _, 0) -> ok;
write(Name, Line, Count) ->
    {ok, File} = file:open(Name, [write, {encoding, utf8}]),
    [io:put_chars(File, some_short_line(Line)) || _ <- lists:seq(1, Count)],
    file:close(File).

some_short_line(Line) ->
    Text = lists:flatten(Line(4)),
    case length(Text) < 300 of
        true -> Text;
        false -> some_short_line(Line)
    end.

term_and_text(Depth) ->
    Term = term(Depth),
    [io_lib:format("~w~n", [Term]), io_lib:format("~99999999p", [Term]), "\n"].

pair_and_order(_) ->
    A = term(3),
    B = near(A),
    Order = if A < B -> lt; A > B -> gt; true -> eq end,
    io_lib:format("~w~n", [{A, B, Order, A =:= B}]).

term(0) -> leaf(rand:uniform(9));
term(Depth) ->
    case rand:uniform(14) of
        1 -> list_to_tuple(terms(Depth));
        2 -> terms(Depth);
        3 -> maps:from_list([{term(Depth - 1), term(Depth - 1)} || _ <- some(4)]);
        4 -> improper(terms(Depth), term(Depth));
        5 -> [rand:uniform(126) || _ <- lists:seq(1, rand:uniform(5))];
        _ -> leaf(rand:uniform(9))
    end.

some(Most) -> lists:seq(1, rand:uniform(Most + 1) - 1).
terms(Depth) -> [term(Depth - 1) || _ <- some(4)].

improper([], _) -> [];
improper(List, Tail) when is_list(Tail) -> List;
improper(List, Tail) -> List ++ Tail.

leaf(1) -> rand:uniform(1000) - 500;
leaf(2) -> (rand:uniform(1 bsl 200) - (1 bsl 199)) bsr rand:uniform(200);
leaf(3) ->
    <<Float/float>> = <<(rand:uniform(16#7fe)):12, (rand:uniform(1 bsl 52) - 1):52>>,
    Float;
leaf(4) -> (rand:uniform(2000000) - 1000000) / element(rand:uniform(4), {1, 10, 1000, 1.0e10});
leaf(5) ->
    Atoms = {ok, 'DOWN', 'hello world', 'a.b', '_x', 'case', true, '', 'é', a@b},
    element(rand:uniform(10), Atoms);
leaf(6) -> list_to_atom([rand:uniform(300) || _ <- lists:seq(1, rand:uniform(4))]);
leaf(7) -> list_to_binary([rand:uniform(256) - 1 || _ <- some(3)]);
leaf(8) -> list_to_binary([$a + rand:uniform(26) - 1 || _ <- some(7)]);
leaf(9) -> 1.0 * rand:uniform(1 bsl 60).

near(A) ->
    case rand:uniform(4) of
        1 -> term(3);
        2 -> A;
        3 -> changed(A);
        4 -> changed(changed(A))
    end.

changed(A) when is_integer(A), abs(A) < (1 bsl 900) ->
    element(rand:uniform(3), {A + 1, float(A), -A});
changed(A) when is_float(A) -> element(rand:uniform(2), {trunc(A), -A});
changed(A) when is_tuple(A), tuple_size(A) > 0 ->
    At = rand:uniform(tuple_size(A)),
    setelement(At, A, changed(element(At, A)));
changed([Head | Tail]) ->
    case rand:uniform(4) of
        1 -> [changed(Head) | Tail];
        2 -> [Head | changed(Tail)];
        3 -> Tail;
        4 -> [Head]
    end;
changed(A) when is_map(A), map_size(A) > 0 ->
    [Key | _] = Keys = maps:keys(A),
    case rand:uniform(3) of
        1 -> maps:put(Key, changed(maps:get(Key, A)), A);
        2 -> maps:put(changed(Key), 1, maps:remove(Key, A));
        3 -> maps:from_list([{changed(K), maps:get(K, A)} || K <- Keys])
    end;
changed(A) when is_binary(A) -> <<A/binary, 1>>;
changed(_) -> term(2).
